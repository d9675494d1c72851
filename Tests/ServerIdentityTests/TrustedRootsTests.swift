import Foundation
import ServerIdentity
import TestServers
import Testing

@Suite("Trusted roots")
struct TrustedRootsTests {
    @Test("the machine's roots load")
    func system() throws {
        #expect(try TrustedRoots.system().count > 50)
    }

    @Test("the machine's roots do not trust a throw-away certificate")
    func systemTrustsNoTest() throws {
        let chains = try TestChains.shared.get()
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Throw-away root", isSelfSigned: false)
        ) {
            try ServerIdentityVerifier(roots: TrustedRoots.system())
                .verify(chain: chains.direct.chain(), for: TestChains.localhost, at: TestChains.now)
        }
    }

    @Test("files that are missing, empty, or no certificates are errors that name the file")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        let key = try TestChains.shared.get().direct.keyPath
        let contents = [
            "empty": "", "text": "hello", "broken": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ]
        for (name, text) in contents {
            try text.write(to: directory.url.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let paths = ["missing", "empty", "text", "broken"].map { directory.url.appendingPathComponent($0).path }
        for path in paths + [key, directory.url.path] {
            #expect {
                try TrustedRoots(pemFile: path)
            } throws: {
                guard case .rootsUnreadable(path, _) = $0 as? ServerIdentityError else { return false }
                return true
            }
        }
        #expect(!ServerIdentityError.rootsUnreadable(path: "", reason: "").blamesServer)
    }
}
