import Foundation
import SwiftASN1
package import TLSProtocol
@_spi(FixedExpiryValidationTime) import X509

/// What an identity check established.
package struct VerifiedServerIdentity: Hashable, Sendable {
    /// The name that was asked for and that the certificate is for.
    package let name: ServerName
    /// All names of the certificate, as text.
    package let certificateNames: [String]
    /// The leaf certificate, DER.
    package let leaf: [UInt8]
    /// The subject of the trusted root.
    package let root: String
    /// The leaf's validity in Unix seconds, both ends included.
    package let validity: ClosedRange<Int64>
}

/// Checks that a server is who the client wanted to reach: chain, names, time, and the signature of the key exchange.
package struct ServerIdentityVerifier: Sendable {
    private let roots: TrustedRoots

    /// A verifier that trusts `roots`.
    package init(roots: TrustedRoots) {
        self.roots = roots
    }

    /// Checks everything about a server's flight that needs its certificate.
    ///
    /// - Parameters:
    ///   - flight: the flight, already parsed.
    ///   - name: whom the client wanted to reach.
    ///   - unixTime: the moment for which validity counts, in seconds.
    /// - Throws: ``ServerIdentityError``.
    package func verify(
        _ flight: ServerFlight,
        for name: ServerName,
        at unixTime: Int64
    ) throws(ServerIdentityError) -> VerifiedServerIdentity {
        let identity = try verify(chain: flight.certificateChain, for: name, at: unixTime)
        try KeyExchangeSignature.verify(
            flight.keyExchange.signature,
            scheme: flight.keyExchange.scheme,
            over: flight.signedParameters,
            leaf: flight.certificateChain[0]
        )
        return identity
    }

    /// Checks chain, names and time; runs on the calling thread and may be called from any.
    ///
    /// - Parameters:
    ///   - chain: DER certificates, leaf first; the others are hints for building a chain.
    ///   - name: whom the client wanted to reach.
    ///   - unixTime: the moment for which validity counts, in seconds.
    /// - Throws: ``ServerIdentityError``.
    package func verify(
        chain: [[UInt8]],
        for name: ServerName,
        at unixTime: Int64
    ) throws(ServerIdentityError) -> VerifiedServerIdentity {
        let certificates = try Self.parse(chain)
        let leaf = certificates[0]
        let names: CertificateNames
        do {
            names = try CertificateNames(of: leaf)
        } catch {
            throw .malformedCertificate(index: 0, reason: "its subjectAltName does not parse")
        }
        guard names.match(name) else { throw .wrongHost(expected: name, names: names.descriptions) }
        let rules = CertificateRules(unixTime: unixTime)
        try rules.checkLeaf(leaf)
        let root = try buildChain(leaf: leaf, intermediates: Array(certificates.dropFirst()), rules: rules)
        let notBefore = Int64(leaf.notValidBefore.timeIntervalSince1970)
        return VerifiedServerIdentity(
            name: name,
            certificateNames: names.descriptions,
            leaf: chain[0],
            root: "\(root.subject)",
            validity: notBefore...max(notBefore, Int64(leaf.notValidAfter.timeIntervalSince1970))
        )
    }

    private static func parse(_ chain: [[UInt8]]) throws(ServerIdentityError) -> [Certificate] {
        var certificates: [Certificate] = []
        for (index, der) in chain.enumerated() {
            do throws(ServerIdentityError) {
                certificates.append(try CertificateParsing.parse(der, index: index))
            } catch {
                // Servers send needless certificates of old kinds; only the leaf cannot be done without.
                guard index > 0 else { throw error }
            }
        }
        guard !certificates.isEmpty else { throw .malformedCertificate(index: 0, reason: "the chain is empty") }
        return certificates
    }

    /// The root of the first chain that satisfies all rules.
    private func buildChain(
        leaf: Certificate,
        intermediates: [Certificate],
        rules: CertificateRules
    ) throws(ServerIdentityError) -> Certificate {
        // Copies of one key and name under different issuers multiply the paths to search; with one certificate a key
        // and name, each certificate has one possible parent here and a hostile chain cannot buy more than its length.
        var keys: Set<IssuerIdentity> = []
        let distinct = intermediates.filter { keys.insert(IssuerIdentity($0)).inserted }
        let roots = self.roots.certificates
        let outcome: Result<Certificate, ServerIdentityError> = CallingThreadExecutor.run {
            await Self.search(leaf: leaf, intermediates: distinct, roots: roots, rules: rules)
        }
        return try outcome.get()
    }

    private static func search(
        leaf: Certificate,
        intermediates: [Certificate],
        roots: [Certificate],
        rules: CertificateRules
    ) async -> Result<Certificate, ServerIdentityError> {
        let policy = ServerChainPolicy(rules: rules)
        var verifier = Verifier(rootCertificates: CertificateStore(roots)) { policy }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates)) {
        case .validCertificate(let chain):
            guard let root = chain.last else { return .failure(.invalidChain(reason: "the chain is empty")) }
            return .success(root)
        case .couldNotValidate(let failures):
            if let error = policy.firstFailure.error { return .failure(error) }
            if let failure = failures.first { return .failure(.invalidChain(reason: "\(failure.policyFailureReason)")) }
            let handled = policy.verifyingCriticalExtensions
            if let unknown = leaf.extensions.first(where: { $0.critical && !handled.contains($0.oid) }) {
                return .failure(.invalidChain(reason: "critical extension \(unknown.oid) is not supported"))
            }
            let last = intermediates.last ?? leaf
            let isSelfSigned = leaf.issuer == leaf.subject
            return .failure(.untrustedRoot(issuer: "\(last.issuer)", isSelfSigned: isSelfSigned))
        }
    }
}

/// What makes two certificates the same issuer.
private struct IssuerIdentity: Hashable {
    let subject: DistinguishedName
    let key: Certificate.PublicKey

    init(_ certificate: Certificate) {
        subject = certificate.subject
        key = certificate.publicKey
    }
}

/// RFC 5280 and our own rules for a candidate chain, remembering our own kind of error.
private struct ServerChainPolicy: VerifierPolicy {
    /// Where the first refusal is kept, because the verifier only reports words.
    final class FirstFailure {
        var error: ServerIdentityError?
    }

    let rules: CertificateRules
    let firstFailure = FirstFailure()
    private var base: RFC5280Policy

    init(rules: CertificateRules) {
        self.rules = rules
        base = RFC5280Policy(fixedExpiryValidationTime: Date(timeIntervalSince1970: Double(rules.unixTime)))
    }

    var verifyingCriticalExtensions: [ASN1ObjectIdentifier] {
        base.verifyingCriticalExtensions + CertificateRules.criticalExtensions
    }

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        do throws(ServerIdentityError) {
            try rules.check(chain)
        } catch {
            if firstFailure.error == nil { firstFailure.error = error }
            return .failsToMeetPolicy(reason: "\(error)")
        }
        return base.chainMeetsPolicyRequirements(chain: chain)
    }
}
