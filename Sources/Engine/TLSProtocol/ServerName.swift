#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Whom the client wants to reach: a DNS name, sent as SNI (RFC 6066 §3), or an address, which never is.
package enum ServerName: Hashable, Sendable, CustomStringConvertible {
    /// A DNS name in lower-case ASCII (A-labels), without a final dot.
    case dns(String)
    /// The 4 bytes of an IPv4 or the 16 bytes of an IPv6 address.
    case address([UInt8])

    /// The longest DNS name in text form (RFC 1035 §2.3.4).
    package static let dnsByteCountMax = 253

    /// The name or address that `host` writes; IPv6 addresses may stand in brackets, as in URLs.
    ///
    /// - Throws: ``TLSError/misuse(_:)`` when it is neither; an international name must come in its ASCII form.
    package init(_ host: String) throws(TLSError) {
        var text = Substring(host)
        if text.hasPrefix("["), text.hasSuffix("]") {
            text = text.dropFirst().dropLast()
            guard let bytes = Self.parse(String(text), family: AF_INET6, byteCount: 16) else {
                throw .misuse("'\(host)' is not an IPv6 address")
            }
            self = .address(bytes)
        } else if let bytes = Self.parse(String(text), family: AF_INET, byteCount: 4)
            ?? Self.parse(String(text), family: AF_INET6, byteCount: 16)
        {
            self = .address(bytes)
        } else {
            if text.hasSuffix(".") { text = text.dropLast() }
            let name = text.lowercased()
            guard Self.isDNSName(Array(name.utf8)) else {
                throw .misuse("'\(host)' is not a host name in ASCII letters, digits, hyphens and dots")
            }
            self = .dns(name)
        }
    }

    /// The DNS name of a ClientHello's SNI, which must already be in the form that ``init(_:)`` makes.
    init(sni bytes: [UInt8]) throws(TLSError) {
        guard Self.isDNSName(bytes), !bytes.contains(where: { (0x41...0x5a).contains($0) }) else {
            throw .malformed(.serverName)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard Self.parse(text, family: AF_INET, byteCount: 4) == nil else { throw .malformed(.serverName) }
        self = .dns(text)
    }

    package var description: String {
        switch self {
        case .dns(let name):
            return name
        case .address(let bytes):
            var storage = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard bytes.count == 4 || bytes.count == 16,
                inet_ntop(family, bytes, &storage, socklen_t(storage.count)) != nil
            else { return "invalid address" }
            return String(decoding: storage.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func parse(_ text: String, family: Int32, byteCount: Int) -> [UInt8]? {
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// Labels of 1…63 letters, digits, hyphens (not at the ends) and underscores; the last is not all digits, so
    /// that nothing that some resolver takes for an address passes as a name.
    private static func isDNSName(_ bytes: [UInt8]) -> Bool {
        guard (1...dnsByteCountMax).contains(bytes.count) else { return false }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy(isLabelByte)
        }
        guard areLabels, let last = labels.last else { return false }
        return !last.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
