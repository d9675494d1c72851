internal import HTTPTranscript
internal import NodeRuntime
internal import ServerIdentity
internal import TLSProtocol

/// A request of a wanted length whose response has a wanted length, or as near as the server can make it.
struct BenchPage {
    /// The names under which the server's certificate is valid.
    static let host = "shop.example"

    private static let lineByteCountMax = 4096

    /// The bytes to send.
    let request: [UInt8]
    /// The bytes that come back.
    private(set) var responseByteCount = 0

    /// Finds out, without a notary, what to ask for.
    ///
    /// A part of a page is asked for (`Range`, RFC 9110 §14.2), so that any length is possible; where JSON parts are
    /// to be committed to, a whole page of the largest power of two that fits.
    @available(*, noasync)
    static func find(_ options: BenchSessionOptions) throws -> BenchPage {
        guard let endpoint = options.endpoint else { throw CommandFailure(.usage, "--connect is host:port") }
        let roots: TrustedRoots
        do {
            roots = try TrustedRoots(pemFile: options.ca)
        } catch {
            throw CommandFailure(.inputUnreadable, "\(error)")
        }
        var body = max(1, options.received - 300)
        // The head's length depends on the digits of the lengths in it: the second or third guess is right.
        for _ in 0..<6 {
            var page = try BenchPage(options, bodyByteCount: body)
            let response = try PlainFetch(roots: roots).fetch(
                page.request,
                host: endpoint.host,
                port: endpoint.port,
                serverName: try ServerName(host),
                maxReceived: 4 << 20,
                timeout: .seconds(20)
            ).response
            guard response.starts(with: "HTTP/1.1 20".utf8) else {
                throw CommandFailure(.serverHTTPError, "the server does not have the pages of scripts/demo-server")
            }
            page.responseByteCount = response.count
            let next = max(1, body + options.received - page.responseByteCount)
            guard options.commit == .none, next != body else { return page }
            body = next
        }
        throw CommandFailure(.failure, "the server's responses change their length")
    }

    private init(_ options: BenchSessionOptions, bodyByteCount: Int) throws {
        var size = 1024
        let isRange = options.commit == .none
        while isRange ? size < bodyByteCount : 2 * size <= options.received { size *= 2 }
        var fields: [HTTPRequestBuilder.Field] = []
        if isRange { fields.append(HTTPRequestBuilder.Field(name: "Range", value: "bytes=0-\(bodyByteCount - 1)")) }
        let location = try WebLocation("https://\(Self.host)/bytes/\(size)")
        func serialized() throws -> [UInt8] {
            try HTTPRequestBuilder(location: location, fields: fields, userAgent: "tabellion").serialized()
        }
        // Web servers refuse long lines, so the padding has several.
        let line = "X-Padding: \r\n".utf8.count
        var missing = options.sent - (try serialized()).count
        while missing >= line {
            let next = missing > Self.lineByteCountMax ? min(Self.lineByteCountMax, missing - line) : missing
            fields.append(
                HTTPRequestBuilder.Field(name: "X-Padding", value: String(repeating: "x", count: next - line))
            )
            missing -= next
        }
        request = try serialized()
    }
}
