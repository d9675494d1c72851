import Foundation
import TestServers
import Testing

/// From the page to the relying party, as a buyer and a seller type it.
@Suite(.timeLimit(.minutes(10)))
struct NotarizeTests {
    @Test(arguments: ["/payment", "/chunked"])
    func aPaymentIsNotarizedShownAndVerified(path: String) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try scratch.write("intent", "intent 4711: Ada is paid 12.30 EUR")
        let summary = try await scratch.expectSuccess(
            notarize(
                path,
                node: node.address,
                "--header",
                "Cookie: session=the-buyers-cookie",
                "--context",
                "intent",
                "--value",
                "1230",
                "--currency",
                "EUR",
                "--reveal",
                "request.line",
                "response.json:$.payment.amount"
            )
        )
        #expect(summary.contains("Secrets:") && summary.contains("localhost"))
        #expect(scratch.names == ["intent", "result", "result.secrets"])
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.file("result.secrets"))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try !scratch.read("result").contains("buyers-cookie"))

        let inspected = try await scratch.expectSuccess(["inspect", "result", "--json"])
        #expect(!inspected.isEmpty)
        try await scratch.expectSuccess(
            [
                "present", "result", "--reveal", "response.json:$.payment.amount", "response.json:$.payment.payee",
                "request.line", "--out", "shown",
            ]
        )
        let verify = ["verify", "shown", "--trust", node.identity, "--server", "localhost", "--context", "intent"]
        let text = try await scratch.expectSuccess(verify + ["--require-complete", "--max-age", "60m"]).unwrapped
        #expect(text.contains("VERIFIED"))
        #expect(text.contains(#""amount":"12.30""#))
        #expect(text.contains("Ada Lovelace"))
        #expect(!text.contains("Babbage") && !text.contains("DE02") && !text.contains("buyers-cookie"))
        #expect(text.contains("intent 4711"))
        #expect(text.contains("Owner:         none"))
        #expect(text.contains("Declared:      1230 EUR"))

        let run = try await TabellionProgram.run(verify + ["--json"], in: scratch.path)
        #expect(try run.json()["ok"] as? Bool == true)
        try await scratch.expectFailure(
            22,
            saying: "not among the trusted ones",
            ["verify", "shown", "--trust", "0x0000000000000000000000000000000000000001"]
        )
        try await scratch.expectFailure(25, saying: "about another server", verify.map { $0 == "localhost" ? "x" : $0 })
    }

    /// 50 KB with a single part kept back.
    @Test func aStatementWithOneRedactedField() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        let run = try await TabellionProgram.run(
            notarize("/statement", node: node.address, "--redact", "response.json:$.account.iban", "--json"),
            in: scratch.path
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect((try run.json()["received"] as? Int ?? 0) > 40_000)
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
        let text = try await scratch.expectSuccess(["verify", "shown", "--trust", node.identity]).unwrapped
        #expect(text.contains("Charles Babbage"))
        #expect(text.contains("Payee 999"))
        #expect(!text.contains("DE02120300000000202051"))
    }

    /// Both directions in the open, and a request with a body.
    @Test func everythingOfAPostIsDisclosed() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try await scratch.expectSuccess(
            notarize(
                "/odd/echo",
                node: node.address,
                "--data",
                #"{"order":"42 apples"}"#,
                "--header",
                "Content-Type: application/json",
                "--reveal",
                "received",
                "sent"
            )
        )
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
        let text = try await scratch.expectSuccess(["verify", "shown", "--trust", node.identity]).unwrapped
        #expect(text.contains("POST /odd/echo HTTP/1.1"))
        #expect(text.components(separatedBy: "42 apples").count == 3)
        #expect(!text.contains("█"))
    }

    /// The notary does not learn who the server is; the seller checks the certificate itself.
    @Test func aHiddenServerIsOpenedToTheSeller() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        let authority = try WebSite.shared.get().authority.rootPath
        let summary = try await scratch.expectSuccess(
            notarize("/payment", node: node.address, "--hide-server", "--reveal", "response.json:$.payment.amount")
        )
        #expect(summary.contains("hidden from the notary"))
        #expect(try !scratch.read("result").contains("localhost"))
        try await scratch.expectFailure(26, saying: "not disclosed", ["verify", "result", "--trust", node.identity])
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
        let verify = ["verify", "shown", "--trust", node.identity]
        let text = try await scratch.expectSuccess(verify + ["--ca", authority, "--server", "localhost"])
        #expect(text.contains("checked here"))
        try await scratch.expectFailure(23, saying: "the server's identity was refused", verify)
        try await scratch.expectSuccess(["present", "result", "--hide-server", "--out", "closed"])
        try await scratch.expectFailure(26, saying: "not disclosed", ["verify", "closed", "--ca", authority])
    }

    @Test func aDryRunShowsWhatWouldBeDisclosed() async throws {
        let scratch = try Scratch()
        let site = try WebSite.shared.get()
        let arguments = [
            "notarize", site.url("/payment"), "--ca", site.authority.rootPath, "--dry-run", "--reveal",
            "response.json:$.payment.amount",
        ]
        let text = try await scratch.expectSuccess(arguments)
        #expect(text.contains("no notary took part"))
        #expect(text.contains("reveal") && text.contains("amount"))
        let run = try await TabellionProgram.run(arguments + ["--json"])
        #expect(try run.json()["dry_run"] as? Bool == true)
        #expect(scratch.names.isEmpty)
        try await scratch.expectFailure(
            30,
            saying: "there is no such part",
            arguments.map { $0.replacingOccurrences(of: "amount", with: "amuont") }
        )
    }

    @Test func existingFilesAreKept() async throws {
        let scratch = try Scratch()
        try scratch.write("result", "mine")
        // Nobody is asked before it is clear that the result has a place: the notary does not exist.
        let nowhere = "/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAkuqGKz8D6khfrnJnDrN5VxWWCoLU8Aq4eCFJuyXmfakB5"
        try await scratch.expectFailure(11, saying: "exists already", notarize("/payment", node: nowhere))
        try scratch.write("other.secrets", "mine")
        try await scratch.expectFailure(
            11,
            saying: "other.secrets exists already",
            notarize("/payment", node: nowhere, out: "other")
        )
        #expect(try scratch.read("result") == "mine")
        let node = try await NotaryNode.shared.value
        try await scratch.expectSuccess(notarize("/payment", node: node.address, "--force"))
        #expect(try scratch.read("result") != "mine")
        try scratch.write("shown", "mine")
        try await scratch.expectFailure(11, saying: "exists already", ["present", "result", "--out", "shown"])
        try await scratch.expectSuccess(["present", "result", "--out", "shown", "--force"])
        try await scratch.expectSuccess(["verify", "shown", "--trust", node.identity])
    }

    /// No server name is sent for an address, so only its owner could say which one it was.
    @Test func anAddressIsNotNotarizedInTheOpen() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        let arguments = try notarize("/payment", node: node.address)
            .map { $0.replacingOccurrences(of: "https://localhost", with: "https://127.0.0.1") }
        try await scratch.expectFailure(64, saying: "does not say which address it is for", arguments)
        try await scratch.expectSuccess(arguments + ["--hide-server"])
    }

    /// What is changed anywhere in a file is refused, with the status that says what is wrong.
    @Test func tamperedFilesAreRefused() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try await scratch.expectSuccess(
            notarize("/payment", node: node.address, "--reveal", "response.json:$.payment.amount")
        )
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
        func change(_ file: String, _ old: String, _ new: String) throws {
            let text = try scratch.read(file)
            let changed = text.replacingOccurrences(of: old, with: new)
            try #require(changed != text)
            try scratch.write("changed", changed)
        }
        func hexadecimal(_ text: String) -> String { text.utf8.map { String(format: "%02x", $0) }.joined() }
        try change("shown", hexadecimal("12.30"), hexadecimal("92.30"))
        try await scratch.expectFailure(21, saying: "not those that the notary signed", ["verify", "changed"])
        for (old, new) in [("localhost", "localhosu"), (#""complete": true"#, #""complete": false"#)] {
            try change("result", old, new)
            try await scratch.expectFailure(20, saying: "signature", ["verify", "changed"])
        }
        try scratch.write("changed", String(try scratch.read("result").dropLast(100)))
        try await scratch.expectFailure(12, saying: "changed", ["verify", "changed"])
        // Secrets of another session.
        try await scratch.expectSuccess(notarize("/payment", node: node.address, out: "second"))
        try await scratch.expectFailure(
            12,
            saying: "belong to another attestation",
            ["present", "result", "--secrets", "second.secrets", "--out", "mixed"]
        )
    }
}

extension String {
    /// A shown transcript with the lines joined that were broken to the width of the terminal.
    fileprivate var unwrapped: String { replacingOccurrences(of: "\n  ┊ ", with: "") }
}
