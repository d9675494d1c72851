import SwiftASN1
import TLSProtocol
import X509

/// The names a certificate is for, and whether one of them is the server's (RFC 9525 §6).
///
/// Only subjectAltName counts, never the common name. A wildcard is a whole first label, stands for exactly one label,
/// and needs at least two labels after it.
struct CertificateNames {
    private var dnsNames: [String] = []
    private var addresses: [[UInt8]] = []

    /// The names in the certificate's subjectAltName; none when there is no such extension.
    ///
    /// - Throws: what X509 throws when the extension does not parse.
    init(of certificate: Certificate) throws {
        for name in try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames() {
            switch name {
            case .dnsName(let name): dnsNames.append(name)
            case .ipAddress(let bytes): addresses.append(Array(bytes.bytes))
            default: break
            }
        }
    }

    /// Names and addresses as text, DNS names first.
    var descriptions: [String] {
        dnsNames + addresses.map { ServerName.address($0).description }
    }

    /// Whether one of the names is `server`.
    func match(_ server: ServerName) -> Bool {
        switch server {
        case .dns(let name): dnsNames.contains { Self.matches(pattern: $0, name: name) }
        case .address(let bytes): addresses.contains(bytes)
        }
    }

    /// Whether a DNS name of a certificate stands for `name`, which is in the form of ``ServerName/dns(_:)``.
    static func matches(pattern: String, name: String) -> Bool {
        var pattern = Array(pattern.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 })
        let name = Array(name.utf8)
        if pattern.last == UInt8(ascii: ".") { pattern.removeLast() }
        guard pattern.starts(with: [UInt8(ascii: "*"), UInt8(ascii: ".")]) else { return pattern == name }
        let parent = pattern.dropFirst(1)
        guard !parent.contains(UInt8(ascii: "*")), parent.count(where: { $0 == UInt8(ascii: ".") }) >= 2,
            let firstDot = name.firstIndex(of: UInt8(ascii: ".")), firstDot > 0
        else { return false }
        return name[firstDot...].elementsEqual(parent)
    }
}
