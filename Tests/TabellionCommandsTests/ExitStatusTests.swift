import Foundation
import TabellionCommands
import Testing

@Suite struct ExitStatusTests {
    @Test func numbersNeverChange() {
        let expected =
            "success 0 failure 1 inputUnreadable 10 outputUnwritable 11 inputMalformed 12 keyUnusable 13 "
            + "signatureInvalid 20 disclosureInvalid 21 notaryUntrusted 22 serverIdentityInvalid 23 "
            + "attestationExpired 24 contextMismatch 25 serverIdentityUndisclosed 26 transcriptIncomplete 27 "
            + "selectionInvalid 30 serverUnreachable 40 serverTLSFailure 41 serverHTTPError 42 "
            + "serverHTTPMalformed 43 serverResponseTooLarge 44 serverTimeout 45 serverGone 46 "
            + "notaryUnreachable 50 notaryRefused 51 notaryGone 52 notaryMisbehaved 53 configurationInvalid 60 "
            + "listenFailed 61 storeUnusable 62 nodeNotRunning 63 usage 64"
        let found = TabellionCommands.ExitStatus.allCases.map { "\($0) \($0.rawValue)" }.joined(separator: " ")
        #expect(found == expected)
    }

    @Test func namesAreReadable() {
        #expect(TabellionCommands.ExitStatus.notaryUntrusted.name == "notary-untrusted")
        #expect(TabellionCommands.ExitStatus.serverTLSFailure.name == "server-tls-failure")
        #expect(TabellionCommands.ExitStatus.serverHTTPError.name == "server-http-error")
        #expect(TabellionCommands.ExitStatus.success.name == "success")
    }

    @Test func theManualListsEveryNumber() throws {
        let manual = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/cli.md")
        let text = try String(contentsOf: manual, encoding: .utf8)
        for status in TabellionCommands.ExitStatus.allCases {
            #expect(text.contains("| \(status.rawValue) | `\(status.name)` | \(status.summary) |"))
        }
    }
}
