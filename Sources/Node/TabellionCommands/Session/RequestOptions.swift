internal import ArgumentParser
internal import HTTPTranscript
internal import ServerIdentity

/// The request, and how the server is reached.
package struct RequestOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("What to fetch: https://host[:port]/path?query.", valueName: "url"))
    var url: String

    @Option(name: .long, help: ArgumentHelp("A header field, \"Name: value\"; may be repeated.", valueName: "field"))
    var header: [String] = []

    @Option(name: .long, help: ArgumentHelp("The method.", valueName: "name"))
    var method: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The body, or @FILE to read it from a file; makes the method POST.", valueName: "text")
    )
    var data: String?

    @Option(name: .long, help: ArgumentHelp("PEM file of the root certificates to trust.", valueName: "file"))
    var ca: String?

    @Option(name: .long, help: ArgumentHelp("Connect here instead of the URL's host and port.", valueName: "host:port"))
    var connect: String?

    @Option(name: .long, help: ArgumentHelp("The most bytes of response to accept.", valueName: "count"))
    var maxReceived = 64 << 10

    @Option(name: .long, help: ArgumentHelp("How long the server may take for each step.", valueName: "seconds"))
    var timeout = 20

    @Flag(name: .long, help: "Go on when the server answers with an HTTP error status.")
    var allowHTTPErrors = false

    @Flag(name: .long, help: "Go on when the server closes before its answer is complete.")
    var allowIncomplete = false

    /// Creates the options with nothing parsed.
    package init() {}

    /// Refuses what cannot be meant.
    package func validate() throws {
        do {
            _ = try WebLocation(url)
            for line in header { _ = try HTTPRequestBuilder.Field(line: line) }
        } catch {
            throw ValidationError("\(error)")
        }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout is 1 to 600 seconds") }
        guard (1...(64 << 20)).contains(maxReceived) else { throw ValidationError("--max-received is 1 byte to 64 MB") }
        if connect != nil, endpointOverride == nil { throw ValidationError("--connect is host:port") }
    }

    /// The URL's parts.
    func location() throws -> WebLocation { try WebLocation(url) }

    /// Where to connect.
    func endpoint() throws -> (host: String, port: UInt16) {
        if let endpointOverride { return endpointOverride }
        let location = try location()
        return (location.host, location.port)
    }

    /// The bytes of the request.
    func request() throws -> [UInt8] {
        var body: [UInt8] = []
        if let data {
            body = data.hasPrefix("@") ? try InputFile.read(String(data.dropFirst()), limit: 1 << 20) : Array(data.utf8)
        }
        let builder = HTTPRequestBuilder(
            method: method ?? (data == nil ? "GET" : "POST"),
            location: try location(),
            fields: try header.map { try HTTPRequestBuilder.Field(line: $0) },
            body: body,
            userAgent: "tabellion/\(Tabellion.version)"
        )
        do {
            return try builder.serialized()
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    /// The roots to trust.
    func roots() throws -> TrustedRoots {
        do {
            return try ca.map { try TrustedRoots(pemFile: $0) } ?? TrustedRoots.system()
        } catch {
            throw CommandFailure(.inputUnreadable, "\(error)")
        }
    }

    private var endpointOverride: (host: String, port: UInt16)? {
        guard let connect, let colon = connect.lastIndex(of: ":") else { return nil }
        guard let port = UInt16(connect[connect.index(after: colon)...]), port > 0 else { return nil }
        let host = connect[..<colon].drop { $0 == "[" }
        return (String(host.last == "]" ? host.dropLast() : host), port)
    }
}
