import Foundation
import TestServers
import Testing

/// `tabellion bench engine`: what it prints, and the budgets of a session that do not depend on the machine.
@Suite(.timeLimit(.minutes(10)))
struct BenchTests {
    /// A web server with the pages that `scripts/demo-server` has.
    private func withServer(_ body: (_ options: [String]) async throws -> Void) async throws {
        let authority = try TestCertificateAuthority()
        let pages = (10...12).map { exponent in
            let start = #"{"amount":"12.30","secret":"hidden","note":""#
            let size = 1 << exponent
            let text = start + String(repeating: "x", count: size - start.utf8.count - 2) + #""}"#
            return ("/bytes/\(size)", NginxServer.Page(text))
        }
        let server = try NginxServer(
            certificates: [try authority.issue(names: ["DNS:shop.example"])],
            pages: Dictionary(uniqueKeysWithValues: pages)
        )
        defer { server.stop() }
        try await body(["--connect", "127.0.0.1:\(server.port)", "--ca", authority.rootPath])
        // Its files vanish with it.
        withExtendedLifetime(authority) {}
    }

    /// 1 KB of request and 2 KB of response, all but one byte of each direction disclosed.
    @Test func oneKilobyteAndTwo() async throws {
        try await withServer { server in
            let run = try await TabellionProgram.run(["bench", "engine", "--runs", "1", "--json"] + server)
            try #require(run.status == 0, "\(run.errors)")
            let json = try run.json()
            func integer(_ key: String) throws -> Int { try #require(json[key] as? Int, "\(key)") }
            func number(_ key: String) throws -> Double { try #require(json[key] as? Double, "\(key)") }
            func phases(_ key: String) throws -> [String: Double] {
                try #require(json[key] as? [String: Double], "\(key)")
            }
            #expect(json["ok"] as? Bool == true)
            #expect(json["mode"] as? String == "mpc" && json["tls"] as? String == "1.2")
            #expect(json["disclose"] as? String == "redacted" && json["commit"] as? String == "none")
            #expect(json["warm"] as? Bool == false)
            #expect(try integer("runs") == 1)
            #expect(try integer("sent") == 1024)
            #expect(try integer("received") == 2048)
            #expect(try integer("disclosed_parts") == 4 && integer("committed_parts") == 0)

            // The budgets.
            #expect(try integer("and_gates_garbled") == 541_012)
            #expect(try integer("round_trips_setup") == 9)
            #expect(try integer("round_trips_online") == 14)
            #expect(try (17_000_000...19_000_000).contains(integer("prover_bytes_out")))
            #expect(try (100_000...900_000).contains(integer("notary_bytes_out")))
            #expect(try (1 << 20...64 << 20).contains(integer("prover_peak_bytes")))
            #expect(try (1 << 20...64 << 20).contains(integer("notary_peak_bytes")))

            // Each split adds up.
            let names: Set = ["setup", "garbling", "handshake", "request", "response", "proof"]
            for (key, total) in [
                ("prover_bytes_out_by_phase", try integer("prover_bytes_out")),
                ("notary_bytes_out_by_phase", try integer("notary_bytes_out")),
                ("round_trips_by_phase", 9 + 14),
            ] {
                #expect(Set(try phases(key).keys) == names)
                #expect(try Int(phases(key).values.reduce(0, +)) == total, "\(key)")
            }
            let garbling = try #require(try phases("prover_bytes_out_by_phase")["garbling"])
            #expect(Int(garbling) >= 541_012 * 32, "two blocks of 16 bytes a gate")
            let wall = try number("wall_s")
            #expect(wall > 0 && wall < 60)
            #expect(Set(try phases("wall_s_by_phase").keys) == names)
            #expect(try phases("wall_s_by_phase").values.reduce(0, +) <= wall + 0.01)
            // Processor time is counted in hundredths of a second.
            for key in ["prover_cpu_s", "notary_cpu_s"] {
                let seconds = try number(key)
                #expect(seconds > 0 && seconds < 30, "\(key)")
            }
        }
    }

    @Test func someTogether() async throws {
        try await withServer { server in
            let run = try await TabellionProgram.run(
                ["bench", "engine", "--together", "2", "--warm", "--disclose", "whole", "--json"] + server
            )
            try #require(run.status == 0, "\(run.errors)")
            let json = try run.json()
            #expect(json["sessions"] as? Int == 2 && json["finished"] as? Int == 2 && json["refused"] as? Int == 0)
            let fastest = try #require(json["wall_s_fastest"] as? Double)
            let slowest = try #require(json["wall_s_slowest"] as? Double)
            #expect(fastest > 0 && fastest <= slowest)
        }
    }
}
