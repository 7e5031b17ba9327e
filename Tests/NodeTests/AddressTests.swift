// The address of headquarters, plain and through TLS, and the limits of the proxy in front.

import Foundation
import HTTP
import Node
import Testing

@Suite("Headquarters' address")
struct AddressTests {
    @Test("http and https, with and without port, are read and written as they are meant")
    func addresses() throws {
        let cases = [
            ("http://hq.example", "http://hq.example:80", false),
            ("http://127.0.0.1:8443/", "http://127.0.0.1:8443", false),
            ("https://hq.example", "https://hq.example:443", true),
            ("https://hq.example:9443//", "https://hq.example:9443", true),
            ("https://[::1]:9443", "https://[::1]:9443", true),
            ("https://[::1]", "https://[::1]:443", true),
        ]
        for (text, written, isSecure) in cases {
            let address = try HeadquartersAddress(text)
            #expect(address.text == written)
            #expect(address.isSecure == isSecure)
            #expect(try HeadquartersAddress(address.text) == address)
        }
    }

    @Test("what is no address is refused with what would be right")
    func refused() {
        for text in [
            "", "hq.example", "ftp://hq.example", "https://", "https://:443", "http://a:0",
            "http://a:65536", "https://a/b", "https://a b", "https://u@a", "http://a:x",
        ] {
            #expect(throws: NodeFault.self, "\(text)") { try HeadquartersAddress(text) }
        }
    }

    @Test("the limits in nginx.conf are those of the listener")
    func nginx() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Tools/deploy/nginx.conf")
        let text = try String(contentsOf: file, encoding: .utf8)
        let limits = Front.limits
        let body = limits.bodyBytesMax(path: "/sync/v1/push") >> 20
        for line in [
            "client_max_body_size \(body)m;",
            "large_client_header_buffers \(limits.headerBytesMax / limits.uriBytesMax) "
                + "\(limits.uriBytesMax >> 10)k;",
            "client_header_timeout \(limits.headerDeadlineMs / 1_000)s;",
            "keepalive_timeout \(limits.idleMs / 1_000)s;",
            "limit_conn tributary_conn \(limits.connectionsPerAddressMax);",
        ] {
            #expect(text.contains(line), "nginx.conf lacks: \(line)")
        }
    }
}
