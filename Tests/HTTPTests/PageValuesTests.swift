// Page's values alone: headers, targets, forms, cookies, escaping.

import Page
import Testing

@Suite struct PageValuesTests {
    @Test("headers keep order and duplicates, and are found without regard to case")
    func headers() {
        var headers = Headers([("Set-Cookie", "a"), ("X-Name", "b"), ("set-cookie", "c")])
        #expect(headers.first("SET-COOKIE") == "a")
        #expect(headers.all("Set-Cookie") == ["a", "c"])
        #expect(headers.first("Set-Cooki") == nil && headers.first("Set-Cookie2") == nil)
        headers.set("set-Cookie", "d")
        #expect(headers.fields.map(\.value) == ["b", "d"])
        headers.remove("x-name")
        #expect(headers.count == 1 && !headers.isEmpty)
    }

    @Test("what is interpolated into HTML is escaped, unless it is HTML")
    func html() {
        let name = "<b title='x'>\"&`\u{0}店"
        let cell: HTML = "<td>\(name)</td>"
        #expect(
            cell.text == "<td>&lt;b title=&#39;x&#39;&gt;&quot;&amp;&#96;\u{FFFD}店</td>"
        )
        let row: HTML = "<tr>\(cell)\([cell, cell])\(7)</tr>"
        #expect(row.text == "<tr>\(cell.text)\(cell.text)\(cell.text)7</tr>")
        #expect(HTML(text: name).text == HTML.escape(name))
        #expect(Response.html(cell).headers.first("Content-Type") == "text/html; charset=utf-8")
    }

    @Test(
        "an address in an attribute cannot run a script",
        arguments: [
            ("javascript:alert(1)", "#"), ("JaVa\tScript:alert(1)", "#"),
            (" data:text/html,x", "#"),
            ("\u{1}vbscript:x", "#"), ("/stock?a=b&c=\"", "/stock?a=b&amp;c=&quot;"),
            ("https://example.org/", "https://example.org/"), ("tel:123", "tel:123"),
            ("/a:b", "/a:b"), ("?a=javascript:x", "?a=javascript:x"),
        ]
    )
    func attributeURL(_ url: String, _ written: String) {
        #expect(HTML.attributeURL(url) == written)
    }

    @Test("a form is read as sent, and only under its own content type")
    func form() throws {
        let type = "application/x-www-form-urlencoded; charset=UTF-8"
        let request = try Request(
            method: "POST",
            target: "/sale?x=1",
            headers: Headers([("Content-Type", type)]),
            body: Array("a=b+c&a=%E5%BA%97&d&=e".utf8)
        )
        #expect(
            try request.form().map { "\($0.name)=\($0.value)" } == ["a=b c", "a=店", "d=", "=e"]
        )
        #expect(request.queryValue("x") == "1" && request.queryValue("a") == nil)
        for (kind, body) in [
            ("text/plain", "a=b"), (type, "a=%zz"), (type, "a=%00"), (type, "%ff"),
        ] {
            let bad = try Request(
                method: "POST",
                target: "/",
                headers: Headers([("Content-Type", kind)]),
                body: Array(body.utf8)
            )
            #expect(throws: TargetFault.self) { _ = try bad.form() }
        }
    }

    @Test("a cookie is found by its whole name, over several fields")
    func cookie() throws {
        let headers = Headers([("Cookie", "ab=1; b=2=3"), ("Cookie", "c=")])
        let request = try Request(method: "GET", target: "/", headers: headers)
        #expect(request.cookie("b") == "2=3")
        #expect(request.cookie("c")?.isEmpty == true)
        #expect(request.cookie("a") == nil)
    }
}
