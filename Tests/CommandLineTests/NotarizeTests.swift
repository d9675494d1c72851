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

    /// A dry run shows the parts that a notarization proves, in their number, and where they are coarser than asked for.
    @Test func aDryRunShowsWhatWouldBeProved() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        let site = try WebSite.shared.get()
        let dry = ["--ca", site.authority.rootPath, "--dry-run", "--json"]
        for path in ["/payment", "/chunked"] {
            let run = try await TabellionProgram.run(
                ["notarize", site.url(path), "--reveal", "response.json:$.payment.amount"] + dry
            )
            let parts = try #require(try run.json()["received"] as? [[String: Any]])
            #expect(parts.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) } > WebSite.payment.utf8.count)
            let made = try await TabellionProgram.run(
                notarize(path, node: node.address, out: String(path.dropFirst()), "--json")
                    + ["--reveal", "response.json:$.payment.amount"],
                in: scratch.path
            )
            let sent = try #require(try run.json()["sent"] as? [[String: Any]])
            for (treatment, key) in [("reveal", "disclosed_parts"), ("commit", "committed_parts")] {
                let planned = (parts + sent).count { $0["treatment"] as? String == treatment }
                #expect(try made.json()[key] as? Int == planned)
            }
            #expect((try run.json()["notes"] as? [String]) == [])
        }
        // More values than parts.
        let large = ["notarize", site.url("/statement"), "--commit", "all"] + dry
        let notes = try #require(try await TabellionProgram.run(large).json()["notes"] as? [String])
        #expect(notes.count == 1)
        #expect(notes.first?.contains("3002 values, which are committed to as") == true, "\(notes)")
        let text = try await scratch.expectSuccess(large.dropLast())
        #expect(text.contains("can only be shown together"))
    }

    /// What no session can prove is refused before anybody is asked.
    @Test func aDryRunRefusesWhatANotarizationWould() async throws {
        let scratch = try Scratch()
        let site = try WebSite.shared.get()
        let dry = ["--ca", site.authority.rootPath, "--dry-run"]
        try await scratch.expectFailure(
            64,
            saying: "cuts the transcript into",
            ["notarize", site.url("/archive"), "--max-received", "2000000", "--commit", "all"]
                + ["--reveal", "response.json-value:$.rows[*].id"] + dry
        )
        try await scratch.expectFailure(
            64,
            saying: "at most 16384 can be notarized",
            ["notarize", site.url("/payment"), "--header", "X: " + String(repeating: "x", count: 16_384)] + dry
        )
        try await scratch.expectFailure(
            64,
            saying: "does not say which address it is for",
            ["notarize", "https://127.0.0.1:\(site.port)/payment"] + dry
        )
    }

    /// 1 MB, all of it or all but one field, within the memory that either party may take.
    @Test(arguments: [["--reveal", "received"], ["--redact", "response.json:$.account.iban"]])
    func aMegabyte(selection: [String]) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        let idle = try #require(node.memory).residentByteCount
        let run = try await TabellionProgram.run(
            notarize("/archive", node: node.address, "--max-received", "2000000", "--json") + selection,
            in: scratch.path
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect((try run.json()["received"] as? Int ?? 0) > 1 << 20)
        #expect(run.peakByteCount > 0 && run.peakByteCount < 256 << 20, "the buyer took \(run.peakByteCount >> 20) MB")
        let peak = try #require(node.memory).peakByteCount - idle
        #expect(peak < 256 << 20, "the notary took \(peak >> 20) MB")
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
        let shown = try await TabellionProgram.run(
            ["verify", "shown", "--trust", node.identity, "--show", "2000000"],
            in: scratch.path
        )
        #expect(shown.status == 0, "\(shown.errors)")
        let text = shown.output.unwrapped
        #expect(text.contains("Charles Babbage") && text.contains("Payee 21999"))
        #expect(text.contains("DE02120300000000202051") == (selection[0] == "--reveal"))
        #expect(await node.stop() == 0)
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
        try scratch.write("third.evidence", "mine")
        try await scratch.expectFailure(
            11,
            saying: "third.evidence exists already",
            notarize("/payment", node: nowhere, out: "third")
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
