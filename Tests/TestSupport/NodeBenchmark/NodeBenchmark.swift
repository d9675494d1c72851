import Foundation
import Glibc
import WireFormat

/// Measures a node's store and what depends on it, and prints one JSON object; `scripts/bench store` runs it.
///
///     node-benchmark [--rate RECORDS] [--seconds S] [--attestations N] [--idle PID] [--budgets]
///                    [--devnet FOLDER --tabellion PROGRAM --connect HOST:PORT --ca FILE]
///
/// Exits with 1 if `--budgets` is given and one is not met, with 64 for other arguments.
@main
struct NodeBenchmark {
    static func main() async {
        guard let options = BenchmarkOptions(Array(CommandLine.arguments.dropFirst())) else {
            complain("usage: node-benchmark [--rate RECORDS] [--seconds S] [--attestations N] [--idle PID] [--budgets]")
            exit(64)
        }
        do {
            var report = BenchmarkReport()
            if let pid = options.idle { try await IdleMeasurement(pid: pid).run(&report) }
            if let devnet = options.devnet { try await DevnetMeasurement(options: devnet).run(&report) }
            try StoreMeasurement().run(&report)
            try await AcceptanceMeasurement(perSecond: options.rate, seconds: options.seconds).run(&report)
            try await SpreadMeasurement(count: options.attestations).run(&report)
            print(report.text)
            if options.checksBudgets, !report.isMet { exit(1) }
        } catch {
            complain("node-benchmark: \(error)")
            exit(1)
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// What the command line asks for.
struct BenchmarkOptions {
    var rate = 1_000
    var seconds = 10
    var attestations = 40
    var idle: Int32?
    var checksBudgets = false
    /// A devnet to notarize with; nil: none.
    var devnet: DevnetMeasurement.Options?

    /// nil: the arguments make no sense.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        var places: [String: String] = [:]
        let placeNames = ["--devnet", "--tabellion", "--connect", "--ca"]
        while let name = rest.popFirst() {
            if name == "--budgets" {
                checksBudgets = true
                continue
            }
            if placeNames.contains(name) {
                guard let place = rest.popFirst() else { return nil }
                places[name] = place
                continue
            }
            guard let value = rest.popFirst().flatMap({ Int32($0) }), value > 0 else { return nil }
            switch name {
            case "--rate" where value <= 20_000: rate = Int(value)
            case "--seconds" where value <= 600: seconds = Int(value)
            case "--attestations" where value <= 10_000: attestations = Int(value)
            case "--idle": idle = value
            default: return nil
            }
        }
        guard !places.isEmpty else { return }
        guard let folder = places["--devnet"], let tabellion = places["--tabellion"],
            let server = places["--connect"], let authority = places["--ca"]
        else { return nil }
        devnet = DevnetMeasurement.Options(
            tabellion: tabellion,
            folder: folder,
            server: server,
            authority: authority
        )
    }
}
