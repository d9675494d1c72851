import Foundation

/// A throw-away certificate authority made with the openssl command line; its files vanish with it.
package final class TestCertificateAuthority: Sendable {
    /// Kinds of keys for certificates.
    package enum Key: Sendable {
        /// RSA with this many bits.
        case rsa(Int)
        /// ECDSA on P-256.
        case p256
        /// ECDSA on P-384.
        case p384

        var arguments: [String] {
            switch self {
            case .rsa(let bitCount): ["-newkey", "rsa:\(bitCount)"]
            case .p256: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .p384: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]
            }
        }
    }

    private let directory: TemporaryDirectory
    private let intermediate: String?
    private let signatureHash: String

    /// The root certificate, PEM.
    package var rootPath: String { path("root.pem") }

    /// An authority with a fresh root that is valid for ten years.
    ///
    /// - Parameters:
    ///   - key: the kind of the root's (and intermediate's) key.
    ///   - hasIntermediate: whether certificates are issued by an intermediate, which servers then send along.
    ///   - signatureHash: the hash under issued certificates; "sha1" makes ones that must be refused.
    package init(key: Key = .p256, hasIntermediate: Bool = false, signatureHash: String = "sha256") throws {
        directory = try TemporaryDirectory()
        self.signatureHash = signatureHash
        intermediate = hasIntermediate ? "intermediate" : nil
        let authority = [
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        ]
        try openssl(
            [
                "req", "-x509", "-nodes", "-days", "3650", "-subj", "/CN=Throw-away root", "-config",
                emptyConfiguration(),
            ]
                + key.arguments + authority + ["-keyout", "root.key", "-out", "root.pem"]
        )
        if hasIntermediate {
            try sign(
                name: "intermediate",
                subject: "/CN=Throw-away intermediate",
                key: key,
                extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"],
                issuer: files(of: "root"),
                days: 3650
            )
        }
    }

    /// Issues a certificate for a server.
    ///
    /// - Parameters:
    ///   - names: its subjectAltName entries as openssl writes them, such as "DNS:localhost" or "IP:127.0.0.1".
    ///   - key: the kind of its key.
    ///   - days: for how long it is valid from now on.
    ///   - extendedKeyUsage: its purposes as openssl writes them, or nil for no such extension.
    ///   - keyUsage: its key's uses as openssl writes them.
    ///   - commonName: its subject.
    ///   - sendsIntermediate: whether the chain file contains the intermediate.
    ///   - issuer: who signs instead of the authority, for chains that must be refused.
    package func issue(
        names: [String] = ["DNS:localhost", "IP:127.0.0.1"],
        key: Key = .p256,
        days: Int = 30,
        extendedKeyUsage: String? = "serverAuth",
        keyUsage: String = "critical,digitalSignature",
        commonName: String = "Throw-away server",
        sendsIntermediate: Bool = true,
        issuer: TestCertificate? = nil
    ) throws -> TestCertificate {
        let name = "server-\(UUID().uuidString.lowercased())"
        var extensions = ["basicConstraints=critical,CA:FALSE", "keyUsage=\(keyUsage)"]
        if !names.isEmpty { extensions.append("subjectAltName=\(names.joined(separator: ","))") }
        if let extendedKeyUsage { extensions.append("extendedKeyUsage=\(extendedKeyUsage)") }
        try sign(
            name: name,
            subject: "/CN=\(commonName)",
            key: key,
            extensions: extensions,
            issuer: issuer.map { ($0.chainPath, $0.keyPath) } ?? files(of: intermediate ?? "root"),
            days: days
        )
        if let intermediate, sendsIntermediate {
            let above = try String(contentsOfFile: path("\(intermediate).pem"), encoding: .utf8)
            let own = try String(contentsOfFile: path("\(name).pem"), encoding: .utf8)
            try (own + above).write(toFile: path("\(name).pem"), atomically: true, encoding: .utf8)
        }
        return TestCertificate(
            chainPath: path("\(name).pem"),
            intermediatePath: sendsIntermediate ? intermediate.map { path("\($0).pem") } : nil,
            keyPath: path("\(name).key"),
            directory: directory
        )
    }

    /// A certificate signed by itself, which no authority vouches for.
    package func selfSigned(names: [String] = ["DNS:localhost", "IP:127.0.0.1"]) throws -> TestCertificate {
        let name = "self-\(UUID().uuidString.lowercased())"
        try openssl(
            ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=Self-signed", "-config", emptyConfiguration()]
                + Key.p256.arguments
                + ["-addext", "subjectAltName=\(names.joined(separator: ","))"]
                + ["-keyout", "\(name).key", "-out", "\(name).pem"]
        )
        return TestCertificate(chainPath: path("\(name).pem"), keyPath: path("\(name).key"), directory: directory)
    }

    /// A certificate with the key and subject of a self-signed one, signed by the same key, for other names.
    package func reissueSelfSigned(_ certificate: TestCertificate, names: [String]) throws -> TestCertificate {
        let name = "copy-\(UUID().uuidString.lowercased())"
        try openssl(
            ["req", "-x509", "-days", "30", "-subj", "/CN=Self-signed", "-config", emptyConfiguration()]
                + ["-addext", "subjectAltName=\(names.joined(separator: ","))"]
                + ["-key", certificate.keyPath, "-out", "\(name).pem"]
        )
        return TestCertificate(
            chainPath: path("\(name).pem"),
            keyPath: certificate.keyPath,
            directory: directory
        )
    }

    private func sign(
        name: String,
        subject: String,
        key: Key,
        extensions: [String],
        issuer: (certificate: String, key: String),
        days: Int
    ) throws {
        try openssl(
            ["req", "-new", "-nodes", "-subj", subject, "-config", emptyConfiguration()] + key.arguments
                + ["-keyout", "\(name).key", "-out", "\(name).csr"]
        )
        try (extensions.joined(separator: "\n") + "\n")
            .write(toFile: path("\(name).extensions"), atomically: true, encoding: .utf8)
        try openssl([
            "x509", "-req", "-in", "\(name).csr", "-out", "\(name).pem", "-days", "\(days)", "-\(signatureHash)",
            "-CA", issuer.certificate, "-CAkey", issuer.key, "-set_serial", "0x\(Self.serialNumber())",
            "-extfile", "\(name).extensions",
        ])
    }

    /// openssl req wants a configuration; the machine's own might add extensions.
    private func emptyConfiguration() throws -> String {
        let file = path("openssl.cnf")
        if !FileManager.default.fileExists(atPath: file) {
            try "[req]\ndistinguished_name=name\n[name]\n".write(toFile: file, atomically: true, encoding: .utf8)
        }
        return file
    }

    private func openssl(_ arguments: [String]) throws {
        try CommandLineTool.run(["openssl"] + arguments, in: directory.url)
    }

    private func files(of name: String) -> (certificate: String, key: String) {
        (path("\(name).pem"), path("\(name).key"))
    }

    private func path(_ name: String) -> String {
        directory.url.appendingPathComponent(name).path
    }

    private static func serialNumber() -> String {
        "01" + UUID().uuidString.filter { $0 != "-" }.prefix(30)
    }
}
