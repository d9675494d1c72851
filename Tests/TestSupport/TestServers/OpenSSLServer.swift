import Foundation

/// An `openssl s_server` on 127.0.0.1, for what a web server would never do.
package final class OpenSSLServer: Sendable {
    private let server: ServerProcess
    private let directory: TemporaryDirectory

    /// The port it listens on.
    package var port: UInt16 { server.port }

    /// Starts the server and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - certificate: the server's.
    ///   - pages: files that it serves over HTTP/1.0, by name; nil for a server whose input and output are its console.
    ///   - arguments: more of s_server's options.
    ///   - libraryOptions: SSL options for the library's configuration, such as "-ExtendedMasterSecret".
    package init(
        certificate: TestCertificate,
        pages: [String: String]? = [:],
        arguments: [String] = ["-tls1_2"],
        libraryOptions: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        for (name, body) in pages ?? [:] {
            try Data(body.utf8).write(to: directory.url.appendingPathComponent(name))
        }
        var environment: [String: String] = [:]
        if let libraryOptions {
            let file = directory.url.appendingPathComponent("openssl.cnf")
            let text = """
                openssl_conf = main
                [main]
                ssl_conf = ssl
                [ssl]
                system_default = defaults
                [defaults]
                Options = \(libraryOptions)

                """
            try text.write(to: file, atomically: true, encoding: .utf8)
            environment["OPENSSL_CONF"] = file.path
        }
        let port = try LoopbackPort.unused()
        server = try ServerProcess(
            command: [
                "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate.chainPath,
                "-key", certificate.keyPath,
            ] + (certificate.intermediatePath.map { ["-cert_chain", $0] } ?? []) + (pages == nil ? [] : ["-WWW"])
                + arguments,
            port: port,
            directory: directory.url,
            environment: environment
        )
    }

    /// Writes a line to the console: text for the client, or a command such as "r" to renegotiate.
    package func write(line: String) throws {
        try server.write(line: line)
    }

    /// Ends the server and returns when it is gone.
    package func stop() {
        server.stop()
    }
}
