import Foundation

/// A certificate of a throw-away authority: PEM files that servers load.
package struct TestCertificate: Sendable {
    /// The certificate and, if there is one, the intermediate above it.
    package let chainPath: String
    /// The intermediate alone, if the server is to send it.
    package let intermediatePath: String?
    /// The unencrypted private key.
    package let keyPath: String
    /// Keeps the files while the value lives.
    private let directory: TemporaryDirectory

    init(chainPath: String, intermediatePath: String? = nil, keyPath: String, directory: TemporaryDirectory) {
        self.chainPath = chainPath
        self.intermediatePath = intermediatePath
        self.keyPath = keyPath
        self.directory = directory
    }

    /// The chain as a server sends it: DER certificates, leaf first.
    package func chain() throws -> [[UInt8]] {
        let text = try String(contentsOfFile: chainPath, encoding: .utf8)
        return text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst().compactMap { part in
            let base64 = part.components(separatedBy: "-----END")[0].filter { !$0.isWhitespace }
            return Data(base64Encoded: base64).map { Array($0) }
        }
    }

    /// What openssl makes of signing `message` with the key.
    ///
    /// - Parameters:
    ///   - message: what is signed.
    ///   - hash: the digest's name, such as "sha256".
    ///   - usesPSS: whether an RSA key signs with PSS and a salt as long as the digest.
    package func sign(_ message: [UInt8], hash: String, usesPSS: Bool = false) throws -> [UInt8] {
        let files = try TemporaryDirectory()
        let input = files.url.appendingPathComponent("message")
        let output = files.url.appendingPathComponent("signature")
        try Data(message).write(to: input)
        let padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]
        try CommandLineTool.run(
            ["openssl", "dgst", "-\(hash)", "-sign", keyPath] + (usesPSS ? padding : [])
                + ["-out", output.path, input.path],
            in: files.url
        )
        return Array(try Data(contentsOf: output))
    }
}
