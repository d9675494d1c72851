import CryptoCore
import Foundation
import PeerProtocols
import TabellionCommands
import Testing

@Suite struct KeygenCommandTests {
    @Test func makesAPlainKeyThatLoads() async throws {
        let directory = try ScratchDirectory()
        let console = TestConsole()
        #expect(try await console.run("keygen", "--out", directory.file("key"), "--json") == .success)
        #expect(try directory.mode("key") == 0o600)
        let key = try KeyFile.load(directory.file("key")) { nil }
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(console.standardOutput.utf8)) as? [String: Any]
        )
        #expect(json["ok"] as? Bool == true)
        #expect(json["encrypted"] as? Bool == false)
        #expect(json["address"] as? String == key.ethereumAddress.checksummed)
        #expect(json["peer_id"] as? String == PeerID(publicKey: key.publicKey).description)
        #expect(
            !console.standardOutput.contains(
                key.withSecretBytes { secret in secret.map { String($0, radix: 16) }.joined() }
            )
        )
    }

    @Test func encryptsWithAPassphraseFromAFile() async throws {
        let directory = try ScratchDirectory()
        try directory.write("phrase", "correct horse\nsecond line\n")
        let console = TestConsole()
        let status = try await console.run(
            "keygen",
            "--out",
            directory.file("key"),
            "--passphrase-file",
            directory.file("phrase"),
            "--light"
        )
        #expect(status == .success)
        #expect(console.standardOutput.contains("encrypted"))
        #expect(try directory.mode("key") == 0o600)
        #expect(try directory.read("key").contains(#""version": 3"#))
        let key = try KeyFile.load(directory.file("key")) { Array("correct horse".utf8) }
        #expect(console.standardOutput.contains(key.ethereumAddress.checksummed))
        #expect(failure { try KeyFile.load(directory.file("key")) { Array("wrong".utf8) } }?.status == .keyUnusable)
        #expect(failure { try KeyFile.load(directory.file("key")) { nil } }?.status == .keyUnusable)
    }

    @Test func asksForAPassphraseTwice() async throws {
        let directory = try ScratchDirectory()
        let equal = TestConsole(passphrases: ["a b", "a b"])
        #expect(try await equal.run("keygen", "--out", directory.file("a"), "--passphrase", "--light") == .success)
        _ = try KeyFile.load(directory.file("a")) { Array("a b".utf8) }
        for answers in [["x", "y"], ["", ""], [], ["x"]] {
            let console = TestConsole(passphrases: answers)
            #expect(
                try await console.run("keygen", "--out", directory.file("b"), "--passphrase", "--light") == .keyUnusable
            )
        }
        #expect(directory.names == ["a"])
    }

    @Test func neverOverwrites() async throws {
        let directory = try ScratchDirectory()
        try directory.write("key", "precious")
        let console = TestConsole()
        #expect(try await console.run("keygen", "--out", directory.file("key")) == .outputUnwritable)
        #expect(try directory.read("key") == "precious")
        #expect(console.standardError.contains("exists already"))
        #expect(console.standardOutput.isEmpty)
        #expect(directory.names == ["key"])
    }

    @Test func failuresAreJSONToo() async throws {
        let console = TestConsole()
        #expect(try await console.run("keygen", "--out", "/nonexistent/key", "--json") == .outputUnwritable)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(console.standardOutput.utf8)) as? [String: Any]
        )
        #expect(json["ok"] as? Bool == false)
        let error = try #require(json["error"] as? [String: Any])
        #expect(error["code"] as? Int == 11)
        #expect(error["name"] as? String == "output-unwritable")
    }

    @Test(arguments: [
        "", "zz", "0x00", String(repeating: "0", count: 64), String(repeating: "f", count: 64), "{}", "{",
    ])
    func refusesWhatIsNoKey(content: String) throws {
        let directory = try ScratchDirectory()
        try directory.write("key", content)
        chmod(directory.file("key"), 0o600)
        #expect(failure { try KeyFile.load(directory.file("key")) { nil } }?.status == .keyUnusable)
    }

    @Test func readsKeysOfOtherPrograms() throws {
        let directory = try ScratchDirectory()
        // The account of the private key 1, as every Ethereum library gives it.
        try directory.write("key", "0x" + String(repeating: "0", count: 63) + "1\n")
        chmod(directory.file("key"), 0o600)
        let key = try KeyFile.load(directory.file("key")) { nil }
        #expect(key.ethereumAddress.checksummed == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")
    }

    /// A key that others may read is no secret any more.
    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o622, 0o601] as [mode_t])
    func refusesKeysThatOthersMayRead(mode: mode_t) throws {
        let directory = try ScratchDirectory()
        try directory.write("key", String(repeating: "0", count: 63) + "1\n")
        let path = directory.file("key")
        for good in [0o600, 0o400] as [mode_t] {
            chmod(path, good)
            _ = try KeyFile.load(path) { nil }
        }
        chmod(path, mode)
        let refused = failure { try KeyFile.load(path) { nil } }
        #expect(refused?.status == .keyUnusable)
        #expect(refused?.message.contains("mode \(String(mode, radix: 8))") == true)
        #expect(refused?.advice?.contains("chmod 600 \(path)") == true)
    }

    /// The owner of another user's key file lets this user read it by its group, as systemd does with credentials.
    @Test(.enabled(if: geteuid() == 0, "only root can give a file to another user"))
    func takesAnothersKeyFromItsGroup() throws {
        let directory = try ScratchDirectory()
        try directory.write("key", String(repeating: "0", count: 63) + "1\n")
        let path = directory.file("key")
        try #require(chown(path, 65534, 65534) == 0)
        chmod(path, 0o440)
        _ = try KeyFile.load(path) { nil }
        chmod(path, 0o444)
        #expect(failure { try KeyFile.load(path) { nil } }?.status == .keyUnusable)
    }

    private func failure(_ body: () throws -> Secp256k1PrivateKey) -> CommandFailure? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? CommandFailure
        }
    }
}
