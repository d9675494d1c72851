import Foundation
import TestServers
import Testing

/// Results that cannot be written.
@Suite(.timeLimit(.minutes(10)))
struct OutputTests {
    /// A process that may write no more than a few hundred bytes to a file, as on a full disk.
    static let fullDisk = ["/bin/sh", "-c", "ulimit -f 1; exec \"$0\" \"$@\""]

    @Test func aFullDiskLeavesNothingBehind() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        for options in [[], ["--binary"]] {
            try await scratch.expectFailure(
                11,
                saying: "cannot write result.secrets",
                wrapper: Self.fullDisk,
                notarize("/payment", node: node.address) + options
            )
        }
        // What was there stays there, even if it was to be overwritten.
        try await scratch.expectSuccess(notarize("/payment", node: node.address))
        let before = try scratch.read("result")
        try await scratch.expectFailure(
            11,
            saying: "cannot write result.secrets",
            wrapper: Self.fullDisk,
            notarize("/payment", node: node.address, "--force")
        )
        #expect(try scratch.read("result") == before)
        try await scratch.expectFailure(
            11,
            saying: "cannot write shown",
            wrapper: Self.fullDisk,
            ["present", "result", "--reveal", "received", "--out", "shown"]
        )
    }

    /// The secrets of a small page fit; the attestation with its long context does not.
    @Test func aDiskThatIsFullBeforeTheAttestation() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try scratch.write("intent", String(repeating: "intent 4711; ", count: 310))
        let arguments = try notarize("/payment", node: node.address, "--commit", "selected", "--context", "intent")
        let wrapper = ["/bin/sh", "-c", "ulimit -f 10; exec \"$0\" \"$@\""]
        try await scratch.expectFailure(11, saying: "cannot write result:", wrapper: wrapper, arguments)
        #expect(scratch.names == ["intent"])
        // Both old files stay if both were to be replaced.
        try await scratch.expectSuccess(arguments)
        let before = try [scratch.read("result"), scratch.read("result.secrets")]
        #expect(before[1].utf8.count < 5120 && before[0].utf8.count > 5120)
        try await scratch.expectFailure(11, saying: "cannot write result:", wrapper: wrapper, arguments + ["--force"])
        #expect(try [scratch.read("result"), scratch.read("result.secrets")] == before)
        try await scratch.expectSuccess(arguments + ["--force"])
        #expect(try [scratch.read("result"), scratch.read("result.secrets")] != before)
        try await scratch.expectSuccess(["present", "result", "--out", "shown"])
    }

    @Test func directoriesThatAreNotThere() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try await scratch.expectFailure(
            11,
            saying: "cannot write nowhere/result",
            notarize("/payment", node: node.address, out: "nowhere/result")
        )
        try await scratch.expectFailure(11, saying: "it is a directory", ["keygen", "--out", scratch.path])
    }

    /// Standard output on a full disk is a failure; one that nobody reads any more is not a crash.
    @Test func standardOutput() async throws {
        let full = try await TabellionProgram.run(
            ["--help"],
            wrapper: ["/bin/sh", "-c", "\"$0\" \"$@\" >/dev/full"]
        )
        #expect(!full.errors.contains("Fatal error"))
        let scratch = try Scratch()
        let key = try await TabellionProgram.run(
            ["keygen", "--out", "key"],
            in: scratch.path,
            wrapper: ["/bin/sh", "-c", "\"$0\" \"$@\" >/dev/full"]
        )
        #expect(key.status == 11)
        #expect(key.errors.contains("cannot write standard output: the disk is full"))
        let closed = try await TabellionProgram.run(
            ["keygen", "--out", "other"],
            in: scratch.path,
            wrapper: ["/bin/sh", "-c", "{ \"$0\" \"$@\"; echo $? >&2; } | true"]
        )
        #expect(closed.errors == "0\n")
    }
}
