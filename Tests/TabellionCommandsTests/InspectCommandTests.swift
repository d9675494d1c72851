import Foundation
import TabellionCommands
import Testing

@Suite struct InspectCommandTests {
    @Test func listsWhatCanBeShown() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        #expect(try await console.run("inspect", directory.file("a.secrets")) == .success)
        for label in ["request.line", "request.header:cookie", "response.json:$.amount", "response.json:$.payee.iban"] {
            #expect(console.standardOutput.contains(label))
        }
        for secret in ["sid=42", "DE02", "Bäckerei"] { #expect(!console.standardOutput.contains(secret)) }
    }

    @Test func everyListedPartCanBeShown() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment(reveal: []).write(to: directory)
        let console = TestConsole()
        #expect(try await console.run("inspect", directory.file("a.secrets"), "--json") == .success)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(console.standardOutput.utf8)) as? [String: Any]
        )
        let parts = try #require(json["parts"] as? [[String: Any]])
        let selectors = parts.compactMap { $0["selector"] as? String }
        #expect(selectors.count == parts.count)
        #expect(parts.count > 10)
        for selector in Set(selectors) {
            let present = TestConsole()
            let status = try await present.run(
                "present",
                directory.file("a"),
                "--reveal",
                selector,
                "--out",
                directory.file("p"),
                "--force"
            )
            #expect(status == .success, "\(selector)")
        }
    }

    @Test func showsAttestationsAndPresentations() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"), "--binary")
        let console = TestConsole()
        #expect(try await console.run("inspect", directory.file("a")) == .success)
        #expect(console.standardOutput.contains("An attestation. NOT VERIFIED"))
        #expect(console.standardOutput.contains("bank.example"))
        let other = TestConsole()
        #expect(try await other.run("inspect", directory.file("p")) == .success)
        #expect(other.standardOutput.contains("A presentation. NOT VERIFIED"))
        #expect(other.standardOutput.contains("sent 0-25  disclosed"))
    }
}
