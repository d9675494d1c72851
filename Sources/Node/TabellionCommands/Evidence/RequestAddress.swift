internal import Attestations
internal import HTTPTranscript

/// To whom a request says that it is addressed.
///
/// The certificate names the machine that answered. A machine that serves several names answers for the one in the
/// request's `Host` (RFC 9110 §7.2), which can be another site: of whoever notarized, on a shared network of servers.
enum RequestAddress: Equatable {
    /// Nothing else than one HTTP request was sent, its whole head is shown, and it is addressed to this host.
    case host(String)
    /// A line that is shown says so, but what is hidden may address somebody else.
    case mentioned(String)
    /// What is hidden may address anybody.
    case unknown

    /// Reads what is visible of what was sent.
    init(_ sent: VisibleTranscript) {
        // Whatever is hidden is no part of a line.
        let bytes = sent.bytes { [UInt8](repeating: 0, count: $0.count) }
        if let host = Self.addressee(bytes, hidden: sent.hiddenRanges) {
            self = .host(host)
        } else if let host = Self.line(bytes) {
            self = .mentioned(host)
        } else {
            self = .unknown
        }
    }

    /// Whether it is `name` for sure, whatever the port.
    func isAddressed(to name: String) -> Bool {
        guard case .host(let host) = self else { return false }
        return Self.isSame(host, name)
    }

    /// Whether a host, perhaps with a port, is `name`.
    static func isSame(_ host: String, _ name: String) -> Bool {
        var host = host
        if let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")),
            host.utf8[host.utf8.index(after: colon)...].allSatisfy({ (0x30...0x39).contains($0) })
        {
            host = String(host[..<colon])
        }
        if host.hasSuffix(".") { host.removeLast() }
        return Array(host.lowercased().utf8) == Array(name.lowercased().utf8)
    }

    /// The host of the one request that was sent; nil if what is hidden may change that.
    ///
    /// A body may be hidden if the head says how long it is and it reaches to the end: then no second request follows.
    private static func addressee(_ bytes: [UInt8], hidden: [Range<Int>]) -> String? {
        guard let request = try? HTTPMessageParser.parse(bytes, as: .request), request.isComplete,
            case .request(_, let target, _) = request.startLine,
            // A target with a host of its own would win over the field.
            request.bytes[target].first == UInt8(ascii: "/"),
            let field = request.fields.first(where: { $0.name == "host" })
        else { return nil }
        if let first = hidden.first {
            guard request.headEnd.upperBound <= first.lowerBound, case .contentLength = request.framing else {
                return nil
            }
        }
        return String(decoding: request.bytes[field.valueSpan], as: UTF8.self)
    }

    /// The longest host that a line is read for.
    private static let byteCountMax = 253

    /// The host of the first line that is shown and looks like that field; nil if there is none.
    private static func line(_ bytes: [UInt8]) -> String? {
        let name = Array("host:".utf8)
        for start in bytes.indices {
            guard start == 0 || bytes[start - 1] == 0 || bytes[start - 1] == 0x0a else { continue }
            let line = bytes[start...].prefix { $0 != 0x0d && $0 != 0x0a && $0 != 0 }
            guard line.count >= name.count, zip(line, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { continue }
            let value = line.dropFirst(name.count).filter { $0 != 0x20 && $0 != 0x09 }
            // Only what can be a host is repeated in the program's own words.
            guard (1...byteCountMax).contains(value.count), value.allSatisfy(isOfHost) else { continue }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
