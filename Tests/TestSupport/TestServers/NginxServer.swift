import Foundation

/// An nginx on 127.0.0.1 with the pages and certificates of a test.
package final class NginxServer: Sendable {
    /// A page and how it is sent.
    package struct Page: Sendable {
        /// The body.
        package let body: [UInt8]
        /// Its content type.
        package let contentType: String
        /// Whether the body comes in chunks rather than with its length; it must not contain "<!--#" then.
        package let isChunked: Bool

        /// A page with this body.
        package init(_ body: String, contentType: String = "application/json", isChunked: Bool = false) {
            self.body = Array(body.utf8)
            self.contentType = contentType
            self.isChunked = isChunked
        }
    }

    private let server: ServerProcess
    private let directory: TemporaryDirectory

    /// The port it listens on.
    package var port: UInt16 { server.port }

    /// Starts nginx and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - certificates: one of each kind of key at most; nginx picks by what the client offers.
    ///   - pages: by path, which starts with a slash.
    ///   - protocols: the value of ssl_protocols.
    ///   - configuration: more lines for the server block.
    package init(
        certificates: [TestCertificate],
        pages: [String: Page] = [:],
        protocols: String = "TLSv1.2",
        configuration: String = ""
    ) throws {
        directory = try TemporaryDirectory()
        let port = try LoopbackPort.unused()
        var locations = ""
        for (number, (path, page)) in pages.sorted(by: { $0.key < $1.key }).enumerated() {
            let file = directory.url.appendingPathComponent("page-\(number)")
            try Data(page.body).write(to: file)
            locations += """
                location = \(path) {
                    types { }
                    default_type \(page.contentType);
                    \(page.isChunked ? "ssi on; ssi_types \(page.contentType);" : "")
                    try_files /page-\(number) =404;
                }

                """
        }
        let keys = certificates.map { "ssl_certificate \($0.chainPath);\nssl_certificate_key \($0.keyPath);\n" }
        let text = """
            daemon off;
            master_process off;
            pid \(directory.url.path)/nginx.pid;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path \(directory.url.path)/body;
                proxy_temp_path \(directory.url.path)/proxy;
                fastcgi_temp_path \(directory.url.path)/fastcgi;
                uwsgi_temp_path \(directory.url.path)/uwsgi;
                scgi_temp_path \(directory.url.path)/scgi;
                server {
                    listen 127.0.0.1:\(port) ssl;
                    root \(directory.url.path);
                    ssl_protocols \(protocols);
                    \(keys.joined())
                    \(configuration)
                    \(locations)
                }
            }
            """
        let file = directory.url.appendingPathComponent("nginx.conf")
        try text.write(to: file, atomically: true, encoding: .utf8)
        server = try ServerProcess(
            command: [Self.executable, "-p", directory.url.path, "-c", file.path, "-e", "stderr"],
            port: port,
            directory: directory.url
        )
    }

    /// Ends nginx and returns when it is gone.
    package func stop() {
        server.stop()
    }

    /// Where Debian installs it, which is not on every user's path.
    private static var executable: String {
        FileManager.default.isExecutableFile(atPath: "/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx"
    }
}
