import Foundation
import TestServers
import Testing

/// What befalls the operator of a node: wrong paths, lost and damaged stores, other users.
@Suite(.timeLimit(.minutes(10)))
struct OperatorTests {
    private static let isRoot = geteuid() == 0

    /// Whether a process may have folders of its own here.
    private static let hasNamespaces: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "unshare -m mount -t tmpfs none /mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    /// What a failed command says, advice included.
    private func errors(of arguments: [String], in scratch: Scratch, wrapper: [String] = []) async throws -> String {
        let run = try await TabellionProgram.run(arguments, in: scratch.path, wrapper: wrapper)
        #expect(run.status != 0)
        return run.errors
    }

    /// A passphrase file is where it was when it was named, whatever it is called.
    @Test func aPassphraseFileIsFoundFromTheFolder() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        let name = "pass: \"w\" #1's"
        try scratch.write(name, "a passphrase\n")
        try await scratch.expectSuccess(
            ["init", "--data", "node", "--network", template, "--passphrase-file", name]
        )
        // What it complains of comes after the key was decrypted.
        let settings = try scratch.read("node/node.yaml")
        try scratch.write("node/node.yaml", settings + "metrics: 99999\n")
        try await scratch.expectFailure(60, saying: "metrics is a port", ["node", "run", "--data", "node"])
        let run = try await TabellionProgram.run(["node", "run", "--data", scratch.file("node")], in: "/")
        #expect(run.status == 60 && run.errors.contains("metrics is a port"), "\(run.errors)")
    }

    /// What a setting may be is said where it is something else.
    @Test(
        arguments: [
            ("connections: 63", "connections is 64 to 16384, not 63"),
            ("sessions: 200\nconnections: 399", "connections is 400 or more with sessions 200, not 399"),
            ("connections-per-address: 0", "connections-per-address is 1 to 16384, not 0"),
            ("keep-days: 3651", "keep-days is 1 to 3650, not 3651"),
            ("keep-days: 1", "keep-days is 2 or more in this network"),
            ("store-mib: 63", "store-mib is 64 to 1048576, not 63"),
        ]
    )
    func settingsOutOfRangeAreRefused(lines: String, message: String) async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        try await scratch.expectSuccess(["init", "--data", "node", "--network", template])
        try scratch.write("node/node.yaml", try scratch.read("node/node.yaml") + lines + "\n")
        try await scratch.expectFailure(60, saying: message, ["node", "run", "--data", "node"])
    }

    /// What nothing would heed is not silently passed over.
    @Test(arguments: ["store: s", "metrics: 0", "keep-days: 9", "store-mib: 99"])
    func settingsOfANodeAreRefusedWithoutANetwork(line: String) async throws {
        let scratch = try Scratch()
        try await scratch.expectSuccess(["keygen", "--out", "k"])
        try scratch.write("c.yaml", "key: k\n\(line)\n")
        try await scratch.expectFailure(60, saying: "no network-file is given", ["node", "run", "--config", "c.yaml"])
    }

    /// A folder is made whole or not at all.
    @Test(arguments: ["1", "2"])
    func aFailedInitLeavesNothing(blocks: String) async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        let full = ["/bin/sh", "-c", "ulimit -f \(blocks); exec \"$0\" \"$@\""]
        // More than 1,024 bytes of network file or settings.
        let bootstrap = (1...30).flatMap {
            ["--bootstrap", "/ip4/127.0.0.\($0)/tcp/7047/p2p/16Uiu2HAmPxaZYLrdYRjPXGK94ytPdJP7mEsvrZ5cAjVYMbfYj3vq"]
        }
        let arguments =
            ["init", "--data", "node", "--network", template, "--json"]
            + (blocks == "1" ? [] : ["--listen", "/ip4/127.0.0.1/tcp/7047"] + bootstrap)
        try FileManager.default.createDirectory(atPath: scratch.file("empty"), withIntermediateDirectories: false)
        let run = try await TabellionProgram.run(arguments, in: scratch.path, wrapper: full)
        #expect(run.status != 0, "\(run.output)")
        #expect(!exists(scratch.file("node")))
        let other = arguments.map { $0 == "node" ? "empty" : $0 }
        #expect(try await TabellionProgram.run(other, in: scratch.path, wrapper: full).status == run.status)
        #expect(try names(scratch.file("empty")).isEmpty)
        try await scratch.expectSuccess(["init", "--data", "empty", "--network", template])
    }

    @Test func aFolderTooDeepForASocketIsRefused() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        let name = String(repeating: "n", count: 100)
        let arguments = ["init", "--data", name, "--network", template]
        try await scratch.expectFailure(60, saying: "control socket could not be made", arguments)
        #expect(try await errors(of: arguments, in: scratch).contains("Use a shorter --data."))
        #expect(!exists(scratch.file(name)))
    }

    /// A node whose store is gone does not begin a new one by itself: it would have forgotten what it signed.
    @Test func aLostStoreIsNotReplacedSilently() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        try await scratch.expectSuccess(["init", "--data", "node", "--network", template])
        let store = scratch.file("node/store")
        let run = ["node", "run", "--data", "node"]
        try FileManager.default.moveItem(atPath: store + "/leveldb", toPath: scratch.file("taken"))
        try await scratch.expectFailure(62, saying: "its folder leveldb is missing", run)
        #expect(try await errors(of: run, in: scratch).contains("tabellion store restore BACKUP --data node --replace"))
        try await scratch.expectFailure(62, saying: "leveldb is missing", ["store", "create", "--data", "node"])
        #expect(try names(store) == ["LOCK", "synced"])

        try FileManager.default.removeItem(atPath: store)
        try await scratch.expectFailure(62, saying: "there is no store at node/store", run)
        let advice = try await errors(of: run, in: scratch)
        for words in ["mount it", "store restore BACKUP --data node.", "store create --data node"] {
            #expect(advice.contains(words), "\(advice)")
        }
        #expect(!exists(store))
        try await scratch.expectSuccess(["store", "create", "--data", "node"])
        try await scratch.expectSuccess(["store", "check", "--data", "node"])
        try await scratch.expectFailure(62, saying: "there is a store", ["store", "create", "--data", "node"])
    }

    /// The store is where node.yaml says, for those who care for it as for the node.
    @Test func theSettingsSayWhereTheStoreIs() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        try await scratch.expectSuccess(["init", "--data", "node", "--network", template])
        try FileManager.default.moveItem(atPath: scratch.file("node/store"), toPath: scratch.file("elsewhere"))
        try FileManager.default.moveItem(
            atPath: scratch.file("node/network.yaml"),
            toPath: scratch.file("node/other.yaml")
        )
        let settings = try scratch.read("node/node.yaml")
            .replacing("store: store", with: "store: \"\(scratch.file("elsewhere"))/\"")
            .replacing("network-file: network.yaml", with: "network-file: other.yaml")
        try scratch.write("node/node.yaml", settings)
        for command in [["check"], ["compact"], ["backup", "copy"], ["restore", "copy"]] {
            try await scratch.expectSuccess(["store"] + command + ["--data", "node"])
        }
        #expect(!exists(scratch.file("node/store")))
        #expect(try names(scratch.file("elsewhere")) == ["LOCK", "leveldb", "synced"])
        // A node that runs with a configuration file alone.
        try scratch.write("alone.yaml", "network-file: node/other.yaml\nstore: new\n")
        try await scratch.expectFailure(62, saying: "no store at new", ["store", "check", "--config", "alone.yaml"])
        try await scratch.expectSuccess(["store", "create", "--config", "alone.yaml"])
        try await scratch.expectSuccess(["store", "check", "--config", "alone.yaml"])

        try scratch.write("node/node.yaml", "listen: []\n")
        try await scratch.expectFailure(60, saying: "names no store", ["store", "check", "--data", "node"])
        try await scratch.expectFailure(10, saying: "is no node's folder", ["store", "check", "--data", "nothing"])
    }

    /// A backup takes the place of an empty store on a new machine, and of any other only when that is asked for.
    @Test func aBackupIsRestoredWhereAStoreIs() async throws {
        let net = try await Devnet(1)
        let node = net.nodes[0]
        let scratch = net.scratch
        _ = try await net.notarize()
        try await scratch.expectSuccess(["store", "backup", "backup", "--data", node.data])
        let restore = ["store", "restore", "backup", "--data", node.data]
        for command in [restore, restore + ["--replace"]] {
            try await scratch.expectFailure(62, saying: "in use by process", command)
        }
        // What the running node cannot do is what the command could not do by itself: same status, same advice.
        let impossible = ["store", "backup", "/proc/nothing", "--data", node.data]
        let busy = try await errors(of: impossible, in: scratch)
        try await scratch.expectFailure(62, saying: "/proc/nothing", impossible)
        #expect(await node.stop() == 0)
        try await scratch.expectFailure(62, saying: "/proc/nothing", impossible)
        #expect(try await errors(of: impossible, in: scratch) == busy)
        #expect(busy.contains("Check permissions"))

        try await scratch.expectSuccess(["init", "--data", "new", "--network", net.file])
        #expect(try await scratch.expectSuccess(["store", "restore", "backup", "--data", "new"]).contains("Restored"))
        #expect(try names(scratch.file("new")) == ["network.yaml", "node.key", "node.yaml", "store"])
        let again = ["store", "restore", "backup", "--data", "new"]
        try await scratch.expectFailure(62, saying: "holds 1 notarizations and 2 own signatures", again)
        try await scratch.expectFailure(64, saying: "not a backup", ["store", "restore", "new/store", "--data", "new"])

        // Damaged: nothing without --replace, and nothing is deleted with it.
        let current = scratch.file("new/store/leveldb/CURRENT")
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: current))
        try await scratch.expectFailure(62, saying: "is damaged", again)
        #expect(try await errors(of: again, in: scratch).contains("With --replace it is moved aside"))
        let run = try await TabellionProgram.run(again + ["--replace", "--json"], in: scratch.path)
        #expect(run.status == 0, "\(run.errors)")
        let aside = try #require(run.json()["moved_aside"] as? String)
        #expect(aside.hasPrefix("new/store.old-"))
        #expect(try String(contentsOfFile: scratch.file(aside) + "/leveldb/CURRENT", encoding: .utf8) == "nonsense")
        try await scratch.expectSuccess(["store", "check", "--data", "new"])

        // A damaged backup is not taken, and costs nothing.
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: scratch.file("backup/leveldb/CURRENT")))
        try await scratch.expectFailure(62, saying: "the backup cannot be used", again + ["--replace"])
        try await scratch.expectSuccess(["store", "check", "--data", "new"])
        #expect(try names(scratch.file("new")).count == 5)
    }

    /// A service may have folders of its own: the command says where its backup lies.
    @Test(.enabled(if: isRoot && hasNamespaces, "needs root and mount namespaces"))
    func aBackupElsewhereIsSaid() async throws {
        let net = try await Devnet(1)
        let scratch = net.scratch
        try FileManager.default.createDirectory(atPath: scratch.file("private"), withIntermediateDirectories: false)
        let apart = [
            "/usr/bin/env", "unshare", "-m", "/bin/sh", "-c",
            "mount -t tmpfs none '\(scratch.file("private"))' && exec \"$0\" \"$@\"",
        ]
        let run = try await TabellionProgram.run(
            ["store", "backup", scratch.file("private/copy"), "--data", net.nodes[0].data, "--json"],
            in: scratch.path,
            wrapper: apart
        )
        #expect(run.status == 11 && run.errors.contains("sees another"), "\(run.errors)")
        let place = try #require(run.json()["lies_at"] as? String)
        #expect(place.hasPrefix("/proc/") && exists(place + "/leveldb/CURRENT"))
        await net.stop()
    }

    /// Another user of the machine can neither use the socket nor, if somebody opens it to all, have an answer.
    @Test(.enabled(if: isRoot, "only root can become another user"))
    func otherUsersAreNotAnswered() async throws {
        let net = try await Devnet(1)
        let node = net.nodes[0]
        let nobody = [
            "/usr/bin/env", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
        ]
        let status = ["node", "status", "--data", node.data]
        chmod(net.scratch.path, 0o755)
        try await net.scratch.expectFailure(10, saying: "may not use the control socket", wrapper: nobody, status)
        chmod(node.data, 0o711)
        try await net.scratch.expectFailure(10, saying: "may not use the control socket", wrapper: nobody, status)
        let text = try await errors(of: status, in: net.scratch, wrapper: nobody)
        #expect(text.contains("as the node's user or root"))
        chmod(node.data + "/control.sock", 0o666)
        try await net.scratch.expectFailure(
            1,
            saying: "answers nobody but its own user and root",
            wrapper: nobody,
            status
        )
        try await net.scratch.expectSuccess(status)
        await net.stop()
    }

    @Test func aNodeThatEndsWhileItIsWatchedIsSaid() async throws {
        let net = try await Devnet(1)
        let watch = try TabellionProgram.start(["notarizations", "watch", "--data", net.nodes[0].data, "--json"])
        #expect(await watch.hasWritten("\"watching\""))
        await net.nodes[0].kill()
        let run = await watch.end()
        #expect(run.status == 63, "\(run.errors)")
        #expect(run.errors.contains("the node ended before it had answered"))
        #expect(run.errors.contains("The node's log says why"))
    }
}
