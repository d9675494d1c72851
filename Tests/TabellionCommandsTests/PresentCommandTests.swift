import Attestations
import Foundation
import TabellionCommands
import Testing

@Suite struct PresentCommandTests {
    @Test func showsExactlyWhatIsNamed() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        let status = try await console.run(
            "present",
            directory.file("a"),
            "--reveal",
            "response.json:$.payee.name",
            "--reveal",
            "response.status",
            "--out",
            directory.file("p")
        )
        #expect(status == .success)
        #expect(console.standardError.contains("others may read"))
        let verify = TestConsole()
        #expect(try await verify.run("verify", directory.file("p")) == .success)
        #expect(verify.standardOutput.contains(#""name":"Bäckerei""#))
        #expect(verify.standardOutput.contains("HTTP/1.1 200 OK"))
        for hidden in ["12.30", "DE02", "sid=42", "/payments/1", "pay_1"] {
            #expect(!verify.standardOutput.contains(hidden))
            #expect(try !directory.read("p").contains(Data(hidden.utf8).map { String(format: "%02x", $0) }.joined()))
        }
    }

    @Test func redactionShowsTheRestOfItsDirection() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        let status = try await console.run(
            "present",
            directory.file("a"),
            "--redact",
            "response.json:$.payee.iban",
            "--out",
            directory.file("p"),
            "--binary"
        )
        #expect(status == .success)
        let verify = TestConsole()
        #expect(try await verify.run("verify", directory.file("p")) == .success)
        let unbroken = verify.standardOutput.replacing("\n  ┊ ", with: "")
        #expect(unbroken.contains(#""payee":{"name":"Bäckerei",█████████████},"ok":true}"#))
        #expect(!verify.standardOutput.contains("DE02"))
        #expect(!verify.standardOutput.contains("/payments/1"))
    }

    @Test func withoutSelectorsShowsWhatTheNotarySaw() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        #expect(try await console.run("present", directory.file("a"), "--out", directory.file("p")) == .success)
        #expect(console.standardOutput.contains("GET /payments/1 HTTP/1.1"))
        #expect(console.standardOutput.contains(#""amount":12.30"#))
        #expect(!console.standardOutput.contains("Bäckerei"))
        // A presentation can be made from a presentation, too.
        let again = TestConsole()
        let status = try await again.run(
            "present",
            directory.file("p"),
            "--secrets",
            directory.file("a.secrets"),
            "--reveal",
            "sent",
            "--out",
            directory.file("q"),
            "--hide-context"
        )
        #expect(status == .success)
        let verify = TestConsole()
        #expect(try await verify.run("verify", directory.file("q")) == .success)
        #expect(verify.standardOutput.contains("Cookie: sid=42"))
        #expect(verify.standardOutput.contains("text not included"))
    }

    @Test(arguments: [
        ("response.json:$.amonut", "there is no such part"),
        ("response.json-value:$.payee.iban", "can only be shown with"),
        ("response.bytes:0-3", "can only be shown with"), ("response.header:cookie", "there is no such part"),
    ])
    func refusesWhatCannotBeShown(selector: String, reason: String) async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        let status = try await console.run(
            "present",
            directory.file("a"),
            "--reveal",
            selector,
            "--out",
            directory.file("p")
        )
        #expect(status == .selectionInvalid)
        #expect(console.standardError.contains(reason))
        #expect(directory.names == ["a", "a.secrets"])
    }

    @Test func refusesSecretsOfAnotherSession() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let other = try NotarizedPayment(contextText: "another")
        try directory.write("b", other.attestation.json)
        let console = TestConsole()
        let status = try await console.run(
            "present",
            directory.file("b"),
            "--secrets",
            directory.file("a.secrets"),
            "--out",
            directory.file("p")
        )
        #expect(status == .inputMalformed)
        #expect(console.standardError.contains("another attestation"))
        #expect(try await console.run("present", directory.file("b"), "--out", directory.file("p")) == .inputUnreadable)
        #expect(
            try await console.run("present", directory.file("a.secrets"), "--out", directory.file("p"))
                == .inputMalformed
        )
        #expect(directory.names == ["a", "a.secrets", "b"])
    }

    @Test func neverOverwritesWhatItReads() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let before = try directory.read("a.secrets")
        for name in ["a", "a.secrets", "../" + (directory.path.split(separator: "/").last ?? "") + "/a.secrets"] {
            let console = TestConsole()
            #expect(
                try await console.run("present", directory.file("a"), "--out", directory.file(name), "--force")
                    == .outputUnwritable
            )
        }
        #expect(try directory.read("a.secrets") == before)
    }

    @Test func aFullDiskIsNamed() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        #expect(try await console.run("present", directory.file("a"), "--out", "/dev/full") == .outputUnwritable)
        #expect(console.standardError.contains("the disk is full"))
    }

    @Test func replacesAnotherFileOnlyIfTold() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        try directory.write("p", "mine")
        let console = TestConsole()
        let arguments = ["present", directory.file("a"), "--out", directory.file("p")]
        #expect(try await console.run(arguments) == .outputUnwritable)
        #expect(try directory.read("p") == "mine")
        #expect(try await console.run(arguments + ["--force"]) == .success)
        #expect(try await console.run("verify", directory.file("p")) == .success)
    }
}
