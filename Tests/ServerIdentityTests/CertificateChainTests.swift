import ServerIdentity
import TLSProtocol
import TestServers
import Testing

@Suite("Certificate chains")
struct CertificateChainTests {
    private let chains: TestChains

    init() throws {
        chains = try TestChains.shared.get()
    }

    @Test("chains with and without an intermediate lead to their root")
    func honest() throws {
        let direct = try chains.verify(chains.direct)
        #expect(direct.root == "CN=Throw-away root")
        #expect(direct.certificateNames == ["localhost", "127.0.0.1"])
        #expect(try direct.leaf == chains.direct.chain()[0])
        #expect(direct.validity.contains(TestChains.now))
        let chain = try chains.deep.chain()
        #expect(chain.count == 2)
        let verifier = ServerIdentityVerifier(roots: chains.deepRoots)
        let address = ServerName.address([127, 0, 0, 1])
        #expect(try verifier.verify(chain: chain, for: address, at: TestChains.now).name == address)
        // Order and surplus of the other certificates do not matter.
        let more = [chain[0]] + (try chains.direct.chain()) + [chain[1], [0x30, 0]]
        #expect(throws: Never.self) { try verifier.verify(chain: more, for: address, at: TestChains.now) }
    }

    @Test("both ends of the validity are inside, a second beyond is not")
    func time() throws {
        let validity = try chains.verify(chains.direct).validity
        // The root was made in the same second or before, and ends later.
        #expect(throws: Never.self) { try chains.verify(chains.direct, at: validity.upperBound) }
        #expect(
            throws: ServerIdentityError.expired(subject: "CN=Throw-away server", notAfter: validity.upperBound)
        ) { try chains.verify(chains.direct, at: validity.upperBound + 1) }
        #expect(throws: Never.self) { try chains.verify(chains.direct, at: validity.lowerBound) }
        #expect(
            throws: ServerIdentityError.notYetValid(subject: "CN=Throw-away server", notBefore: validity.lowerBound)
        ) { try chains.verify(chains.direct, at: validity.lowerBound - 1) }
        for time in [Int64.min, -1, 0, Int64.max] {
            #expect(throws: ServerIdentityError.self) { try chains.verify(chains.direct, at: time) }
        }
    }

    @Test("an expired issuer is named as what it is")
    func expiredIssuer() throws {
        let long = try chains.authority.issue(days: 9_000)
        #expect {
            try chains.verify(long, at: TestChains.now + 4_000 * 86_400)
        } throws: {
            guard case .expired(let subject, _) = $0 as? ServerIdentityError else { return false }
            return subject == "CN=Throw-away root"
        }
    }

    @Test("self-signed, foreign and incomplete chains are untrusted")
    func untrusted() throws {
        let own = try chains.authority.selfSigned()
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Self-signed", isSelfSigned: true)
        ) { try chains.verify(own) }
        // The other authority's root has the same name and another key.
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Throw-away root", isSelfSigned: false)
        ) { try chains.verify(chains.deep) }
        let leafOnly = [try chains.deep.chain()[0]]
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Throw-away intermediate", isSelfSigned: false)
        ) {
            try ServerIdentityVerifier(roots: chains.deepRoots)
                .verify(chain: leafOnly, for: TestChains.localhost, at: TestChains.now)
        }
    }

    @Test("a server certificate cannot issue another, nor an intermediate beyond its path length")
    func notAnAuthority() throws {
        let forged = try chains.authority.issue(commonName: "Forged", issuer: chains.direct)
        let chain = try forged.chain() + chains.direct.chain()
        #expect {
            try ServerIdentityVerifier(roots: chains.roots)
                .verify(chain: chain, for: TestChains.localhost, at: TestChains.now)
        } throws: {
            guard case .invalidChain = $0 as? ServerIdentityError else { return false }
            return true
        }
    }

    @Test("SHA-1, short RSA keys and other purposes are refused")
    func weak() throws {
        let old = try TestCertificateAuthority(key: .rsa(2048), signatureHash: "sha1")
        let oldRoots = try TrustedRoots(pemFile: old.rootPath)
        let leaf = try old.issue()
        #expect(
            throws: ServerIdentityError.weakCertificate(
                subject: "CN=Throw-away server",
                reason: "it is signed with SHA-1"
            )
        ) {
            try ServerIdentityVerifier(roots: oldRoots)
                .verify(chain: leaf.chain(), for: TestChains.localhost, at: TestChains.now)
        }
        let short = try chains.authority.issue(key: .rsa(1024))
        #expect(
            throws: ServerIdentityError.weakCertificate(
                subject: "chain position 0",
                reason: "its key has an unsupported length; RSA keys need 2048 to 8192 bits"
            )
        ) { try chains.verify(short) }
        let notForServers = ServerIdentityError.notForServers(subject: "CN=Throw-away server")
        let client = try chains.authority.issue(extendedKeyUsage: "critical,clientAuth")
        #expect(throws: notForServers) { try chains.verify(client) }
        let encipherment = try chains.authority.issue(key: .rsa(2048), keyUsage: "critical,keyEncipherment")
        #expect(throws: notForServers) { try chains.verify(encipherment) }
        let any = try chains.authority.issue(extendedKeyUsage: "critical,serverAuth,clientAuth")
        #expect(throws: Never.self) { try chains.verify(any) }
        let none = try chains.authority.issue(extendedKeyUsage: nil)
        #expect(throws: Never.self) { try chains.verify(none) }
    }

    @Test("no damaged certificate is accepted")
    func malformed() throws {
        let verifier = ServerIdentityVerifier(roots: chains.roots)
        let leaf = try chains.direct.chain()[0]
        #expect(throws: ServerIdentityError.malformedCertificate(index: 0, reason: "the chain is empty")) {
            try verifier.verify(chain: [], for: TestChains.localhost, at: TestChains.now)
        }
        for count in stride(from: 0, to: leaf.count, by: 7) {
            #expect {
                try verifier.verify(
                    chain: [Array(leaf.prefix(count))],
                    for: TestChains.localhost,
                    at: TestChains.now
                )
            } throws: {
                guard case .malformedCertificate(index: 0, _) = $0 as? ServerIdentityError else { return false }
                return true
            }
        }
        for bit in 0..<(leaf.count * 8) {
            var flipped = leaf
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: ServerIdentityError.self) {
                try verifier.verify(chain: [flipped], for: TestChains.localhost, at: TestChains.now)
            }
        }
    }

    @Test("a signature that claims unused bits is refused, whatever its bits are")
    func unusedSignatureBits() throws {
        // About half of all signatures end in a zero bit, which one such claim would fit.
        for _ in 0..<4 {
            var leaf = try chains.authority.issue().chain()[0]
            // BIT STRING, length, unused bits, then the SEQUENCE of the ECDSA signature up to the end.
            let start = try #require(
                leaf.indices.last { index in
                    leaf[index] == 0x03 && index + 3 < leaf.count && leaf[index + 2] == 0 && leaf[index + 3] == 0x30
                        && index + 2 + Int(leaf[index + 1]) == leaf.count
                }
            )
            leaf[start + 2] = 1
            #expect {
                try ServerIdentityVerifier(roots: chains.roots)
                    .verify(chain: [leaf], for: TestChains.localhost, at: TestChains.now)
            } throws: {
                guard case .malformedCertificate(index: 0, _) = $0 as? ServerIdentityError else { return false }
                return true
            }
        }
    }

    @Test("copies of one issuer do not multiply the search", .timeLimit(.minutes(1)))
    func hostileChain() throws {
        // All certificates have the same name and key, so that each could be above each: 15! paths.
        let own = try chains.authority.selfSigned()
        let copies = try (0..<14).map { number in
            try chains.authority.reissueSelfSigned(own, names: ["DNS:copy-\(number).test"])
        }
        let chain = try own.chain() + copies.flatMap { try $0.chain() }
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Self-signed", isSelfSigned: true)
        ) {
            try ServerIdentityVerifier(roots: chains.roots)
                .verify(chain: chain, for: TestChains.localhost, at: TestChains.now)
        }
    }

    @Test("more callers than the pool has threads get their answers")
    func concurrency() async throws {
        let chains = chains
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                group.addTask { _ = try chains.verify(chains.direct) }
            }
            try await group.waitForAll()
        }
    }
}
