import ServerIdentity
import TLSProtocol
import TestServers
import Testing

@Suite("Names of certificates")
struct HostNameTests {
    private let chains: TestChains
    private let certificate: TestCertificate

    init() throws {
        chains = try TestChains.shared.get()
        certificate = try Self.certificate.get()
    }

    private static let certificate = Result {
        try TestChains.shared.get().authority.issue(
            names: [
                "DNS:Exact.Test", "DNS:*.wild.test", "DNS:*.test", "DNS:f*.part.test", "DNS:*.*.double.test", "DNS:*",
                "IP:192.0.2.7", "IP:2001:db8::7",
            ],
            commonName: "common.test"
        )
    }

    @Test(
        "names that match",
        arguments: ["exact.test", "EXACT.test.", "a.wild.test", "xn--a.wild.test", "192.0.2.7", "[2001:db8::7]"]
    )
    func matching(host: String) throws {
        let name = try ServerName(host)
        #expect(try chains.verify(certificate, for: name).name == name)
    }

    @Test(
        "names that do not",
        arguments: [
            "wild.test", "a.b.wild.test", "other.test", "test", "foo.part.test", "f*.part.test.example",
            "a.b.double.test", "common.test", "192.0.2.8", "2001:db8::8", "exact.test.example", "notexact.test",
        ].filter { !$0.contains("*") }
    )
    func notMatching(host: String) throws {
        let name = try ServerName(host)
        #expect {
            try chains.verify(certificate, for: name)
        } throws: {
            guard case .wrongHost(expected: name, let names) = $0 as? ServerIdentityError else { return false }
            return names.count == 8 && names.contains("192.0.2.7") && names.contains("2001:db8::7")
        }
    }

    @Test("a common name is no name")
    func commonName() throws {
        let bare = try chains.authority.issue(names: [], commonName: "localhost")
        #expect(throws: ServerIdentityError.wrongHost(expected: .dns("localhost"), names: [])) {
            try chains.verify(bare)
        }
    }

    @Test("an address written as a DNS name does not vouch for the address")
    func addressAsName() throws {
        let odd = try chains.authority.issue(names: ["DNS:127.0.0.1"])
        #expect(throws: ServerIdentityError.self) { try chains.verify(odd, for: .address([127, 0, 0, 1])) }
    }
}
