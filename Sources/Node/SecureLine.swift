// Requests over https, by Foundation's URLSession with the system's trust store.
// Must not follow redirects, keep cookies, cache, or believe anything: signatures do that.

internal import Dispatch
internal import Foundation
internal import FoundationNetworking
package import HTTP
package import Sync
internal import Synchronization

/// A line to headquarters through TLS.
///
/// One request at a time; connections are kept between them. Limits and times are those of the
/// plain client, but that connecting has the time of a silence.
package final class SecureLine: Sendable {
    private let session: URLSession
    private let receiver: Receiver
    private let base: String
    private let totalMs: Int64

    package init(
        _ address: HeadquartersAddress,
        timeouts: ClientTimeouts = ClientTimeouts(),
        limits: ClientLimits = ClientLimits()
    ) {
        base = address.text
        totalMs = timeouts.totalMs
        receiver = Receiver(limits: limits)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.timeoutIntervalForRequest = TimeInterval(timeouts.readMs) / 1_000
        configuration.httpMaximumConnectionsPerHost = 1
        session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    }

    deinit { session.invalidateAndCancel() }

    /// Sends a request and waits for its answer.
    ///
    /// Throws: `LineTrouble` where none came.
    package func exchange(_ request: SyncRequest) throws(LineTrouble) -> TransportAnswer {
        guard let url = URL(string: base + request.target) else {
            throw LineTrouble.noLine("not an address")
        }
        var asked = URLRequest(url: url)
        asked.httpMethod = request.method
        for field in request.headers { asked.setValue(field.value, forHTTPHeaderField: field.name) }
        // The signature is over the body as sent: nothing on the way may pack it again.
        asked.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        let task = session.uploadTask(with: asked, from: Data(request.body))
        let done = receiver.begin(task.taskIdentifier)
        task.resume()
        // The library bounds each silence; a server that drips for ever is bounded here.
        _ = done.wait(timeout: .now() + .milliseconds(Int(totalMs)))
        let result = receiver.end()
        if case .failure = result { task.cancel() }
        return try result.get()
    }

    /// Collects one answer at a time, within the limits.
    private final class Receiver: NSObject, URLSessionDataDelegate, Sendable {
        private struct State {
            /// The task that is listened to; what comes from one that was given up is not.
            var task = -1
            var done = DispatchSemaphore(value: 0)
            var status = 0
            var fields: [(name: String, value: String)] = []
            var body: [UInt8] = []
            /// What is known to be wrong ends the wait at once.
            var trouble: LineTrouble? { didSet { done.signal() } }
            var isWhole = false
        }

        private let limits: ClientLimits
        private let state = Mutex(State())

        init(limits: ClientLimits) {
            self.limits = limits
        }

        /// Listens to a task; the semaphore says that it has ended.
        func begin(_ task: Int) -> DispatchSemaphore {
            state.withLock {
                $0 = State(task: task)
                return $0.done
            }
        }

        /// What came of the task; nothing is listened to any more.
        func end() -> Result<TransportAnswer, LineTrouble> {
            state.withLock { state in
                defer { state = State() }
                if let trouble = state.trouble { return .failure(trouble) }
                if !state.isWhole { return .failure(.silent) }
                return .success(
                    TransportAnswer(
                        status: state.status,
                        headers: state.fields,
                        body: state.body
                    )
                )
            }
        }

        /// Does something for the task that is listened to; false where another one calls.
        private func listen(_ task: URLSessionTask, _ body: (inout State) -> Bool) -> Bool {
            state.withLock { $0.task == task.taskIdentifier ? body(&$0) : false }
        }

        func urlSession(
            _ session: URLSession,
            task: URLSessionTask,
            willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest,
            completionHandler: @escaping @Sendable (URLRequest?) -> Void
        ) {
            // The answer that sends on is taken as the answer; nothing is sent anywhere else.
            _ = listen(task) { take(response, &$0) }
            completionHandler(nil)
        }

        func urlSession(
            _ session: URLSession,
            dataTask: URLSessionDataTask,
            didReceive response: URLResponse,
            completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
        ) {
            let isGood = listen(dataTask) { state in
                guard let http = response as? HTTPURLResponse else {
                    state.trouble = .notHTTP("no HTTP")
                    return false
                }
                return take(http, &state)
            }
            completionHandler(isGood ? .allow : .cancel)
        }

        private func take(_ response: HTTPURLResponse, _ state: inout State) -> Bool {
            state.status = response.statusCode
            state.fields = response.allHeaderFields.map {
                (name: "\($0.key)", value: "\($0.value)")
            }
            state.fields.sort { $0.name < $1.name }
            let bytes = state.fields.reduce(0) {
                $0 + $1.name.utf8.count + $1.value.utf8.count + 4
            }
            if bytes > limits.headerBytesMax || state.fields.count > limits.headerFieldsMax {
                state.trouble = .tooLarge("a header over \(limits.headerBytesMax) bytes")
            } else if response.expectedContentLength > Int64(limits.bodyBytesMax) {
                state.trouble = .tooLarge("a body over \(limits.bodyBytesMax) bytes")
            }
            return state.trouble == nil
        }

        func urlSession(
            _ session: URLSession,
            dataTask: URLSessionDataTask,
            didReceive data: Data
        ) {
            let isGood = listen(dataTask) { state in
                if state.body.count + data.count > limits.bodyBytesMax {
                    state.trouble = .tooLarge("a body over \(limits.bodyBytesMax) bytes")
                    return false
                }
                state.body.append(contentsOf: data)
                return true
            }
            if !isGood { dataTask.cancel() }
        }

        func urlSession(
            _ session: URLSession,
            task: URLSessionTask,
            didCompleteWithError error: (any Error)?
        ) {
            _ = listen(task) { state in
                if state.trouble == nil, let error {
                    let isLate = (error as? URLError)?.code == .timedOut
                    state.trouble = isLate ? .silent : .ofLibrary(error.localizedDescription)
                }
                state.isWhole = true
                state.done.signal()
                return true
            }
        }
    }
}
