import HTTPTranscript
import Testing

@Suite struct HTTPRequestBuilderTests {
    @Test func writesTheCanonicalForm() throws {
        let request = HTTPRequestBuilder(
            method: "POST",
            location: try WebLocation("https://Bank.example:8443/pay?id=1#top"),
            fields: [
                try .init(line: "Authorization:  Bearer x "), .init(name: "Content-Type", value: "application/json"),
            ],
            body: Samples.bytes("{}")
        )
        let expected =
            "POST /pay?id=1 HTTP/1.1\r\nHost: bank.example:8443\r\nUser-Agent: tabellion\r\nAccept: */*\r\n"
            + "Authorization: Bearer x\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\n"
            + "Connection: close\r\nContent-Length: 2\r\n\r\n{}"
        let bytes = try request.serialized()
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(try HTTPMessageParser.parse(bytes, as: .request).isComplete)
    }

    @Test func letsTheCallerReplaceSoftDefaults() throws {
        let location = try WebLocation("https://a.example")
        let fields = [
            HTTPRequestBuilder.Field(name: "user-agent", value: "x"), .init(name: "ACCEPT", value: "a/b"),
        ]
        let text = String(
            decoding: try HTTPRequestBuilder(location: location, fields: fields).serialized(),
            as: UTF8.self
        )
        #expect(!text.contains("tabellion"))
        #expect(!text.contains("*/*"))
        #expect(text.hasPrefix("GET / HTTP/1.1\r\n"))
    }

    @Test(
        arguments: [
            ("A", "b\r\nHost: evil", .invalidFieldValue(name: "a")), ("A", "b\nc", .invalidFieldValue(name: "a")),
            ("A", "b\0", .invalidFieldValue(name: "a")), ("A\r\nB", "c", .invalidFieldName("A\r\nB")),
            ("A:", "c", .invalidFieldName("A:")), ("", "c", .invalidFieldName("")),
            ("hOsT", "evil", .reservedField(name: "host")),
            ("Content-Length", "0", .reservedField(name: "content-length")),
            ("Transfer-Encoding", "chunked", .reservedField(name: "transfer-encoding")),
            ("Accept-Encoding", "gzip", .reservedField(name: "accept-encoding")),
        ] as [(String, String, HTTPRequestBuilder.BuildError)]
    )
    func refusesInjection(name: String, value: String, error: HTTPRequestBuilder.BuildError) throws {
        let location = try WebLocation("https://a.example/")
        let request = HTTPRequestBuilder(location: location, fields: [.init(name: name, value: value)])
        #expect(throws: error) { try request.serialized() }
    }

    @Test func refusesOtherMisuse() throws {
        let location = try WebLocation("https://a.example/")
        #expect(throws: HTTPRequestBuilder.BuildError.invalidMethod("GET /x HTTP/1.1\r\nA:")) {
            try HTTPRequestBuilder(method: "GET /x HTTP/1.1\r\nA:", location: location).serialized()
        }
        #expect(throws: HTTPRequestBuilder.BuildError.invalidMethod("CONNECT")) {
            try HTTPRequestBuilder(method: "CONNECT", location: location).serialized()
        }
        let twice = [HTTPRequestBuilder.Field(name: "Cookie", value: "a"), .init(name: "cookie", value: "b")]
        #expect(throws: HTTPRequestBuilder.BuildError.repeatedField(name: "cookie")) {
            try HTTPRequestBuilder(location: location, fields: twice).serialized()
        }
        #expect(throws: HTTPRequestBuilder.BuildError.invalidFieldValue(name: "user-agent")) {
            try HTTPRequestBuilder(location: location, userAgent: "a\r\nb").serialized()
        }
        #expect(throws: HTTPRequestBuilder.BuildError.malformedField) { try HTTPRequestBuilder.Field(line: "abc") }
    }

    @Test(
        arguments: [
            ("https://a.example", "a.example", 443, "/"), ("HTTPS://A.Example:443/", "a.example", 443, "/"),
            ("https://127.0.0.1:44/", "127.0.0.1", 44, "/"), ("https://a.example?x=1", "a.example", 443, "/?x=1"),
            ("https://a/ü?%20", "a", 443, "/%C3%BC?%20"),
            ("https://xn--4ca.example:1/#f", "xn--4ca.example", 1, "/"),
        ] as [(String, String, UInt16, String)]
    )
    func readsLocations(url: String, host: String, port: UInt16, target: String) throws {
        let location = try WebLocation(url)
        #expect(location.host == host)
        #expect(location.port == port)
        #expect(location.target == target)
    }

    @Test(
        arguments: [
            ("http://a/", .notHTTPS), ("ftp", .notHTTPS), ("https://u:p@a/", .userInformation),
            ("https:///x", .invalidHost),
            ("https://a..b/", .invalidHost), ("https://-a/", .invalidHost), ("https://ä.de/", .invalidHost),
            ("https://a b/", .invalidHost), ("https://[::1]/", .unsupportedAddress),
            ("https://127.1/", .unsupportedAddress), ("https://127.0.0.01/", .unsupportedAddress),
            ("https://1.2.3.256/", .unsupportedAddress), ("https://a:0/", .invalidPort),
            ("https://a:/", .invalidPort),
            ("https://a:65536/", .invalidPort), ("https://a:+1/", .invalidPort), ("https://a/ b", .invalidTarget),
            ("https://a/\r\nX", .invalidTarget), ("https://a/%zz", .invalidTarget), ("https://a/%2", .invalidTarget),
        ] as [(String, WebLocation.ParseError)]
    )
    func refusesLocations(url: String, error: WebLocation.ParseError) {
        #expect(throws: error) { try WebLocation(url) }
    }
}
