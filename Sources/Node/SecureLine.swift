// Requests over https, by Foundation's URLSession with the system's trust store.
// Must not follow redirects, keep cookies, cache, or believe anything: signatures do that.

internal import Dispatch
internal import Foundation
internal import FoundationNetworking
internal import HTTP
internal import Sync
internal import Synchronization

/// A line to headquarters through TLS.
///
/// One request at a time; connections are kept between them. Limits and times are those of the
/// plain client.
final class SecureLine: Sendable {
    private let session: URLSession
    private let receiver: Receiver
    private let base: String

    init(
        _ address: HeadquartersAddress,
        timeouts: ClientTimeouts = ClientTimeouts(),
        limits: ClientLimits = ClientLimits()
    ) {
        base = address.text
        receiver = Receiver(limits: limits)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.timeoutIntervalForRequest = TimeInterval(timeouts.readMs) / 1_000
        configuration.timeoutIntervalForResource = TimeInterval(timeouts.totalMs) / 1_000
        configuration.httpMaximumConnectionsPerHost = 1
        session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    }

    deinit { session.invalidateAndCancel() }

    /// Sends a request and waits for its answer.
    ///
    /// Throws: `NodeFault` where none came, with what was in the way.
    func exchange(_ request: SyncRequest) throws(NodeFault) -> TransportAnswer {
        guard let url = URL(string: base + request.target) else {
            throw NodeFault(.usage, "\(base) is no address", nextStep: "write https://HOST:PORT")
        }
        var asked = URLRequest(url: url)
        asked.httpMethod = request.method
        for field in request.headers { asked.setValue(field.value, forHTTPHeaderField: field.name) }
        // The signature is over the body as sent: nothing on the way may pack it again.
        asked.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        receiver.begin()
        let task = session.uploadTask(with: asked, from: Data(request.body))
        task.resume()
        switch receiver.wait() {
        case .success(let answer): return answer
        case .failure(let cause):
            throw NodeFault(
                .unreachable,
                "\(base) does not answer (\(cause.text))",
                nextStep: cause.text.contains("certificate")
                    ? "its certificate must be good for this name, and its authority in the "
                        + "system's trust store (update-ca-certificates)"
                    : "nothing is lost; it is tried again later"
            )
        }
    }

    /// Why no answer came.
    struct Cause: Error {
        let text: String
    }

    /// Collects one answer at a time, within the limits.
    private final class Receiver: NSObject, URLSessionDataDelegate, Sendable {
        private struct State {
            var status = 0
            var fields: [(name: String, value: String)] = []
            var body: [UInt8] = []
            var fault: String?
            var result: Result<TransportAnswer, Cause>?
        }

        private let limits: ClientLimits
        private let state = Mutex(State())
        private let done = DispatchSemaphore(value: 0)

        init(limits: ClientLimits) {
            self.limits = limits
        }

        func begin() {
            state.withLock { $0 = State() }
        }

        func wait() -> Result<TransportAnswer, Cause> {
            done.wait()
            return state.withLock { $0.result ?? .failure(Cause(text: "no answer")) }
        }

        func urlSession(
            _ session: URLSession,
            task: URLSessionTask,
            willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest,
            completionHandler: @escaping @Sendable (URLRequest?) -> Void
        ) {
            completionHandler(nil)
        }

        func urlSession(
            _ session: URLSession,
            dataTask: URLSessionDataTask,
            didReceive response: URLResponse,
            completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
        ) {
            let isGood = state.withLock { state in
                guard let http = response as? HTTPURLResponse else {
                    state.fault = "no HTTP"
                    return false
                }
                state.status = http.statusCode
                var bytes = 0
                for (name, value) in http.allHeaderFields {
                    let field = (name: "\(name)", value: "\(value)")
                    bytes += field.name.utf8.count + field.value.utf8.count + 4
                    state.fields.append(field)
                }
                state.fields.sort { $0.name < $1.name }
                if bytes > limits.headerBytesMax || state.fields.count > limits.headerFieldsMax {
                    state.fault = "its header is over the limit"
                }
                if response.expectedContentLength > Int64(limits.bodyBytesMax) {
                    state.fault = "its body is over \(limits.bodyBytesMax) bytes"
                }
                return state.fault == nil
            }
            completionHandler(isGood ? .allow : .cancel)
        }

        func urlSession(
            _ session: URLSession,
            dataTask: URLSessionDataTask,
            didReceive data: Data
        ) {
            let isGood = state.withLock { state in
                if state.body.count + data.count > limits.bodyBytesMax {
                    state.fault = "its body is over \(limits.bodyBytesMax) bytes"
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
            state.withLock { state in
                if let text = state.fault ?? error?.localizedDescription {
                    state.result = .failure(Cause(text: text))
                } else {
                    state.result = .success(
                        TransportAnswer(
                            status: state.status,
                            headers: state.fields,
                            body: state.body
                        )
                    )
                }
            }
            done.signal()
        }
    }
}
