internal import Attestations
internal import HTTPTranscript

/// To whom a request says that it is addressed.
///
/// The certificate names the machine that answered. A machine that serves several names answers for the one in the
/// request's `Host` (RFC 9110 §7.2), which can be another site: of whoever notarized, on a shared network of servers.
enum RequestAddress: Equatable {
    /// All of the request is shown, it is one HTTP request, and it is addressed to this host.
    case host(String)
    /// The request is not shown whole, or is no HTTP: what is hidden may address anybody.
    case unknown

    /// Reads what is visible of what was sent.
    init(_ sent: VisibleTranscript) {
        guard sent.hiddenRanges.isEmpty,
            let request = try? HTTPMessageParser.parse(sent.bytes { _ in [] }, as: .request),
            request.isComplete, case .request(_, let target, _) = request.startLine,
            // A target with a host of its own would win over the field.
            request.bytes[target].first == UInt8(ascii: "/"),
            let field = request.fields.first(where: { $0.name == "host" })
        else {
            self = .unknown
            return
        }
        self = .host(String(decoding: request.bytes[field.valueSpan], as: UTF8.self))
    }

    /// Whether it is `name`, whatever the port.
    func isAddressed(to name: String) -> Bool {
        guard case .host(var host) = self else { return false }
        if let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")),
            host.utf8[host.utf8.index(after: colon)...].allSatisfy({ (0x30...0x39).contains($0) })
        {
            host = String(host[..<colon])
        }
        if host.hasSuffix(".") { host.removeLast() }
        return Array(host.lowercased().utf8) == Array(name.lowercased().utf8)
    }
}
