import NodeRuntime
import Testing

@Suite struct NodeConfigurationFileTests {
    @Test func bothSpellings() throws {
        let hyphens = try NodeConfigurationFile(
            yaml: """
                listen: [/ip4/0.0.0.0/tcp/1, /ip6/::/tcp/2]
                key: k
                passphrase-file: p
                network: n
                ca: c
                max-sent: 1
                max-received: 2
                sessions: 3
                session-seconds: 4
                servers: [a, b]
                connections-per-address: 5
                keep-days: 6
                store-mib: 7
                log-level: debug
                """
        )
        let capitals = try NodeConfigurationFile(
            yaml: """
                listen: [/ip4/0.0.0.0/tcp/1, /ip6/::/tcp/2]
                key: k
                passphraseFile: p
                network: n
                ca: c
                maxSent: 1
                maxReceived: 2
                sessions: 3
                sessionSeconds: 4
                servers: [a, b]
                connectionsPerAddress: 5
                keepDays: 6
                storeMib: 7
                logLevel: debug
                """
        )
        #expect(hyphens == capitals)
        var expected = NodeConfigurationFile()
        expected.listen = ["/ip4/0.0.0.0/tcp/1", "/ip6/::/tcp/2"]
        expected.key = "k"
        expected.passphraseFile = "p"
        expected.network = "n"
        expected.ca = "c"
        expected.maxSent = 1
        expected.maxReceived = 2
        expected.sessions = 3
        expected.sessionSeconds = 4
        expected.servers = ["a", "b"]
        expected.connectionsPerAddress = 5
        expected.keepDays = 6
        expected.storeMiB = 7
        expected.logLevel = "debug"
        #expect(hyphens == expected)
        #expect(try NodeConfigurationFile(yaml: "") == NodeConfigurationFile())
        #expect(try NodeConfigurationFile(yaml: "# nothing\n") == NodeConfigurationFile())
    }

    @Test func refused() {
        for yaml in ["max-sent: 1\nmaxSent: 1", "logLevel: info\nlog-level: info"] {
            let error = #expect(throws: NodeConfigurationError.self) { try NodeConfigurationFile(yaml: yaml) }
            #expect("\(String(describing: error))".contains("twice, in two spellings"))
        }
        for yaml in ["key: a\nkey: b", "max-sent: [1]", "servers: x: y", "- a", "max-sent: 1.5", "listen: {a: b}"] {
            #expect(throws: NodeConfigurationError.self, "\(yaml)") { try NodeConfigurationFile(yaml: yaml) }
        }
        for key in ["maxsent", "Max-Sent", "max_sent", "Listen", "allow-server", "1"] {
            let error = #expect(throws: NodeConfigurationError.self) { try NodeConfigurationFile(yaml: "\(key): 1") }
            #expect("\(String(describing: error))".contains("unknown key \"\(key)\""))
        }
        #expect(throws: NodeConfigurationError.malformed("it is longer than 64 KB")) {
            try NodeConfigurationFile(yaml: "#" + String(repeating: "x", count: NodeConfigurationFile.byteCountMax))
        }
    }
}
