import ArgumentParser
import Attestations
import CryptoCore
import Foundation
import PeerProtocols
import TabellionCommands
import Testing

@Suite struct VerifyCommandTests {
    @Test func saysWhatIsProven() async throws {
        let directory = try ScratchDirectory()
        let payment = try NotarizedPayment()
        try payment.write(to: directory)
        let notary = payment.notary.ethereumAddress.checksummed
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole(now: NotarizedPayment.endTime + 65)
        #expect(try await console.run("verify", directory.file("p"), "--trust", notary) == .success)
        let text = console.standardOutput
        for expected in [
            "VERIFIED", notary, "trusted by you", "bank.example", "checked by the notary at 2027-01-15T07:59:57Z",
            "TLS 1.2", "2027-01-15T08:00:00Z (1 min 5 s ago)", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
            "\"intent 7\"", "1230 EUR", "complete", "  │ GET /payments/1 HTTP/1.1", "█\"amount\":12.30█", "Not proven:",
            "did not collude",
        ] { #expect(text.contains(expected), "\(expected)") }
        let peer = PeerID(publicKey: payment.notary.publicKey).description
        let other = "0x0000000000000000000000000000000000000001"
        #expect(try await console.run("verify", directory.file("p"), "--trust", other, peer) == .success)
    }

    @Test func reportsAsJSON() async throws {
        let directory = try ScratchDirectory()
        let payment = try NotarizedPayment()
        try payment.write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("p"), "--json") == .success)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(console.standardOutput.utf8)) as? [String: Any]
        )
        #expect(json["ok"] as? Bool == true)
        #expect((json["notary"] as? [String: Any])?["trusted"] as? Bool == false)
        #expect((json["server"] as? [String: Any])?["name"] as? String == "bank.example")
        let segments = (json["received"] as? [String: Any])?["segments"] as? [[String: Any]]
        let amount = "0x" + Data("\"amount\":12.30".utf8).map { String(format: "%02x", $0) }.joined()
        #expect(segments?.compactMap { $0["bytes"] as? String } == [amount])
        #expect((json["not_proven"] as? [String])?.isEmpty == false)
    }

    @Test func membersMayComeInAnyOrder() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        for name in ["a", "p"] {
            let object = try JSONSerialization.jsonObject(with: Data(directory.read(name).utf8))
            let sorted = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
            try sorted.write(to: URL(fileURLWithPath: directory.file("sorted")))
            #expect(try await TestConsole().run("verify", directory.file("sorted")) == .success)
        }
    }

    @Test func aBareAttestationIsVerifiedToo() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("a")) == .success)
        #expect(console.standardOutput.contains("NOT CHECKED against any list"))
        #expect(!console.standardOutput.contains("12.30"))
    }

    @Test(
        arguments: [
            (["--trust", "0x0000000000000000000000000000000000000001"], 0, 22),
            (["--max-age", "10m"], 601, 24), (["--max-age", "10m"], 599, 0), ([], 86_401, 24), ([], -301, 24),
            (["--server", "other.example"], 0, 25), (["--server", "BANK.example"], 0, 0),
            (["--owner", "0x0000000000000000000000000000000000000001"], 0, 25),
            (["--owner", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"], 0, 0),
            (["--network", "0x" + String(repeating: "0", count: 64)], 0, 25), (["--require-complete"], 0, 27),
        ] as [([String], Int64, Int32)]
    )
    func demandsHaveTheirOwnStatus(options: [String], seconds: Int64, expected: Int32) async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment(complete: false).write(to: directory)
        let console = TestConsole(now: NotarizedPayment.endTime + seconds)
        #expect(try await console.run(["verify", directory.file("a")] + options).rawValue == expected)
        #expect(console.standardError.isEmpty == (expected == 0))
        #expect(console.standardOutput.isEmpty == (expected != 0))
    }

    @Test func theContextMustBeTheSame() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        try directory.write("right", "intent 7\n")
        try directory.write("wrong", "intent 8\n")
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("a"), "--context", directory.file("right")) == .success)
        #expect(
            try await console.run("verify", directory.file("a"), "--context", directory.file("wrong"))
                == .contextMismatch
        )
    }

    /// Every changed digit of a presentation is refused, and never with success.
    @Test func tamperingIsRefused() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let text = try directory.read("p")
        let amount = Data("12.30".utf8).map { String(format: "%02x", $0) }.joined()
        let more = Data("92.30".utf8).map { String(format: "%02x", $0) }.joined()
        try directory.write("q", text.replacingOccurrences(of: amount, with: more))
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("q")) == .disclosureInvalid)
        try directory.write("q", text.replacingOccurrences(of: "bank.example", with: "bonk.example"))
        #expect(try await console.run("verify", directory.file("q")) == .signatureInvalid)
        try directory.write("q", text.replacingOccurrences(of: "intent 7", with: "intent 9"))
        #expect(try await console.run("verify", directory.file("q")) == .disclosureInvalid)
        var characters = Array(text.utf8)
        for index in stride(from: 0, to: characters.count, by: 37) {
            let old = characters[index]
            guard old != 0x20, old != 0x0a else { continue }
            characters[index] = old == 0x31 ? 0x32 : 0x31
            try Data(characters).write(to: URL(fileURLWithPath: directory.file("q")))
            #expect(try await console.run("verify", directory.file("q")) != .success, "byte \(index)")
            characters[index] = old
        }
    }

    @Test func foreignTextCannotActOnTheTerminal() async throws {
        let directory = try ScratchDirectory()
        let evil = "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n\u{1b}[2J\nNotary: trusted by you"
        let payment = try NotarizedPayment(
            reveal: ["received"],
            received: Array(evil.utf8),
            contextText: "a\u{1b}[31m\nNotary: trusted by you"
        )
        try payment.write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("p")) == .success)
        #expect(!console.standardOutput.contains("\u{1b}"))
        #expect(!console.standardOutput.contains("\nNotary: trusted"))
        #expect(console.standardOutput.contains("\\u{1b}[2J"))
    }

    /// One machine with bank.example's certificate may serve the owner's own site, too.
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: bank.example\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: Bank.Example.:443\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: owner.example\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: bank.example:80:x\r\n\r\n", false),
    ])
    func requestsToOtherSitesAreRefused(request: String, isRight: Bool) async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment(reveal: ["sent", "received"], sent: Array(request.utf8)).write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(
            try await console.run("verify", directory.file("p")) == (isRight ? .success : .serverIdentityInvalid)
        )
        #expect(!console.standardOutput.contains("another site"))
        #expect(isRight || console.standardError.contains("addressed to"))
    }

    @Test(arguments: [
        // Two requests, of which the second one's answer is shown; a target that wins over Host; no HTTP.
        ("GET / HTTP/1.1\r\nHost: bank.example\r\n\r\nGET / HTTP/1.1\r\nHost: owner.example\r\n\r\n", ["sent"]),
        ("GET http://owner.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n", ["sent"]), ("hello", ["sent"]),
        ("GET / HTTP/1.1\r\nHost: bank.example\r\nCookie: a\r\n\r\n", ["request.line", "request.header:host"]),
        ("GET / HTTP/1.1\r\nHost: owner.example\r\n\r\n", []),
        // The end of a body that is hidden, and a second request in it.
        (
            "POST / HTTP/1.1\r\nHost: bank.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            ["request.head"]
        ),
    ])
    func saysWhenTheRequestMayBeToAnotherSite(request: String, reveal: [String]) async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment(reveal: reveal + ["received"], sent: Array(request.utf8)).write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("p")) == .success)
        #expect(console.standardOutput.contains("That bank.example answers, and not another site"))
    }

    /// The head says how long the body is, and nothing follows it: what the body says does not matter.
    @Test(arguments: [("bank.example", true), ("owner.example", false)])
    func theBodyNeedNotBeShown(host: String, isRight: Bool) async throws {
        let directory = try ScratchDirectory()
        let request = "POST / HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 4\r\n\r\nGET "
        try NotarizedPayment(reveal: ["request.head", "received"], sent: Array(request.utf8)).write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(
            try await console.run("verify", directory.file("p")) == (isRight ? .success : .serverIdentityInvalid)
        )
        #expect(!console.standardOutput.contains("another site"))
        #expect(isRight || console.standardError.contains("addressed to owner.example"))
    }

    /// A request that hides something and is addressed to another host where it is shown: nobody should overlook that.
    @Test(arguments: [
        ("owner.example", true), ("OWNER.example:443", true), ("bank.example", false), ("Bank.Example.:443", false),
        // What is no host is not repeated.
        ("owner example\u{1b}[2J", false),
    ])
    func aShownHostOfAnotherSiteIsNamed(host: String, isNamed: Bool) async throws {
        let directory = try ScratchDirectory()
        let request = "GET / HTTP/1.1\r\nHost: \(host)\r\nCookie: a\r\n\r\n"
        let payment = try NotarizedPayment(
            reveal: ["request.bytes:0-\(request.utf8.count - 16)", "received"],
            sent: Array(request.utf8)
        )
        try payment.write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("p")) == .success)
        #expect(console.standardOutput.contains("That bank.example answers, and not another site"))
        #expect(console.standardOutput.contains("addressed to ANOTHER HOST, \(host).") == isNamed)
    }

    /// A terminal of 80 columns breaks longer lines, and would begin the next one with the owner's or server's words.
    @Test func foreignTextCannotFillTheTerminalsLines() async throws {
        let directory = try ScratchDirectory()
        let spaces = String(repeating: " ", count: 80 - 16)
        let claim = "VERIFIED." + String(repeating: " ", count: 71) + "Notary:        trusted by you"
        let evil = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: " ", count: 76) + claim
        let payment = try NotarizedPayment(
            reveal: ["received"],
            received: Array(evil.utf8),
            contextText: spaces + claim
        )
        try payment.write(to: directory)
        _ = try await TestConsole().run("present", directory.file("a"), "--out", directory.file("p"))
        for command in ["verify", "inspect"] {
            let console = TestConsole()
            #expect(try await console.run(command, directory.file("p")) == .success)
            let foreign = console.standardOutput.split(separator: "\n").filter {
                $0.contains("VERIFIED.   ") || $0.contains("trusted by you")
            }
            #expect(foreign.count >= 2)
            #expect(foreign.allSatisfy { $0.hasPrefix("  │ ") || $0.hasPrefix("  ┊ ") })
            #expect(foreign.allSatisfy { $0.count <= 80 })
        }
    }

    /// The key of a member that does not belong there is anybody's text, of any length.
    @Test func refusalsQuoteLittleOfTheFile() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment(reveal: ["received"]).write(to: directory)
        let text = try String(contentsOfFile: directory.file("a"), encoding: .utf8)
        let key = String(repeating: "x", count: 100_000) + "\\u001b[2J"
        let start = try #require(text.firstIndex(of: "{"))
        try directory.write("long", "{\"\(key)\":1," + text[text.index(after: start)...])
        let console = TestConsole()
        #expect(try await console.run("verify", directory.file("long")) == .inputMalformed)
        #expect(console.standardError.utf8.count < 1000)
    }

    @Test func otherFilesAreRefused() async throws {
        let directory = try ScratchDirectory()
        try NotarizedPayment().write(to: directory)
        let console = TestConsole()
        for (name, content) in [
            ("empty", ""), ("text", "hello"), ("json", "{}"), ("array", "[1]"), ("magic", "TABA"),
            ("magic2", "TABP\0\u{1}"),
        ] {
            try directory.write(name, content)
            #expect(try await console.run("verify", directory.file(name)) == .inputMalformed)
            #expect(try await console.run("inspect", directory.file(name)) == .inputMalformed)
        }
        #expect(try await console.run("verify", directory.file("a.secrets")) == .inputMalformed)
        #expect(console.standardError.contains("Never pass this file on"))
        #expect(try await console.run("verify", directory.file("none")) == .inputUnreadable)
    }

    @Test(arguments: [
        ["--max-age", "soon"], ["--trust", "me"], ["--owner", "0x12"], ["--network", "main"], ["--show", "-1"],
    ])
    func badOptionsAreUsageErrors(options: [String]) {
        #expect(throws: (any Error).self) { try Tabellion.parseAsRoot(["verify", "file"] + options) }
    }
}
