internal import EngineBenchmarks
internal import Foundation
internal import MPCTLS
internal import WireFormat

/// Sessions between a fresh prover process each and one notary process, over a real web server.
struct EngineBenchmark {
    private static let setup: [SessionPhase] = [.setup, .garbling]
    private static let online: [SessionPhase] = [.handshake, .request, .response, .proof]

    private let session: BenchSessionOptions
    private let page: BenchPage
    private let notary: BenchNotary
    private let requestPath: String

    /// Finds out what to ask the server for and starts the notary, with room for `sessionCount` sessions at a time.
    @available(*, noasync)
    init(_ session: BenchSessionOptions, sessionCount: Int = 32) throws {
        self.session = session
        page = try BenchPage.find(session)
        notary = try BenchNotary(ca: session.ca, sessionCount: sessionCount)
        requestPath =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "tabellion-bench-\(UUID().uuidString).request"
            ).path
        try Data(page.request).write(to: URL(fileURLWithPath: requestPath))
    }

    /// The notary's own port, behind which a link can be put.
    var notaryAddress: String { notary.address }

    /// Stops the notary and removes what was written.
    func stop() {
        notary.stop()
        try? FileManager.default.removeItem(atPath: requestPath)
    }

    /// Runs `runs` sessions one after the other.
    ///
    /// - Parameter address: the notary's address as provers shall dial it.
    @available(*, noasync)
    func run(_ runs: Int, over address: String) throws -> [SessionSample] {
        try (0..<runs).map { _ in
            try notary.usage.resetPeak()
            let start = try notary.usage.processorSeconds
            let data = try BenchProcess.output(of: proverArguments(address))
            return SessionSample(
                prover: try JSONDecoder().decode(ProverSample.self, from: data),
                notaryProcessorSeconds: try notary.usage.processorSeconds - start,
                notaryPeakByteCount: try notary.usage.peakByteCount - notary.idleByteCount
            )
        }
    }

    /// Runs `count` sessions at the same time, and says how they fared.
    @available(*, noasync)
    func runTogether(_ count: Int) throws -> [JSONMember] {
        try notary.usage.resetPeak()
        let start = try notary.usage.processorSeconds
        let running = try (0..<count).map { _ in
            try BenchProcess.start(proverArguments(notary.address), isQuiet: true)
        }
        var walls: [Double] = []
        var refused = 0
        for finish in running {
            do {
                walls.append(try JSONDecoder().decode(ProverSample.self, from: try finish()).wallSeconds)
            } catch let failure as CommandFailure where failure.status == .notaryRefused {
                refused += 1
            }
        }
        return [
            JSONMember("sessions", BenchReport.count(count)),
            JSONMember("sent", BenchReport.count(page.request.count)),
            JSONMember("received", BenchReport.count(page.responseByteCount)),
            JSONMember("finished", BenchReport.count(walls.count)),
            JSONMember("refused", BenchReport.count(refused)),
            JSONMember("wall_s_fastest", BenchReport.number(walls.min() ?? 0)),
            JSONMember("wall_s_slowest", BenchReport.number(walls.max() ?? 0)),
            JSONMember("notary_cpu_s", BenchReport.number(try notary.usage.processorSeconds - start)),
            JSONMember("notary_peak_bytes", BenchReport.count(try notary.usage.peakByteCount - notary.idleByteCount)),
        ]
    }

    private func proverArguments(_ address: String) -> [String] {
        ["bench", "prover", "--node", address, "--request", requestPath]
            + ["--max-received", "\(page.responseByteCount)"] + session.arguments
    }

    /// The figures of some runs: medians where runs differ.
    func members(_ samples: [SessionSample]) -> [JSONMember] {
        guard let first = samples.first else { return [] }
        func median(_ value: (SessionSample) -> Double) -> Double { Median.of(samples.map(value)) }
        func count(_ value: (SessionSample) -> Int) -> JSONValue {
            BenchReport.count(Int(median { Double(value($0)) }.rounded()))
        }
        func byPhase(_ value: (ProverSample.Phase) -> JSONValue) -> JSONValue {
            .object(first.prover.phases.map { JSONMember($0.name, value($0)) })
        }
        return [
            JSONMember("mode", .string("mpc")),
            JSONMember("tls", .string("1.2")),
            JSONMember("runs", BenchReport.count(samples.count)),
            JSONMember("disclose", .string(session.disclose.rawValue)),
            JSONMember("commit", .string(session.commit.rawValue)),
            JSONMember("warm", .bool(session.warm)),
            JSONMember("sent", BenchReport.count(first.prover.sent)),
            JSONMember("received", BenchReport.count(first.prover.received)),
            JSONMember("disclosed_parts", BenchReport.count(first.prover.disclosedParts)),
            JSONMember("committed_parts", BenchReport.count(first.prover.committedParts)),
            JSONMember("prover_bytes_out", count { $0.sum(\.proverBytesOut) }),
            JSONMember("notary_bytes_out", count { $0.sum(\.notaryBytesOut) }),
            JSONMember("prover_bytes_out_by_phase", byPhase { BenchReport.count($0.proverBytesOut) }),
            JSONMember("notary_bytes_out_by_phase", byPhase { BenchReport.count($0.notaryBytesOut) }),
            JSONMember("round_trips_setup", count { $0.sum(\.roundTrips, Self.setup) }),
            JSONMember("round_trips_online", count { $0.sum(\.roundTrips, Self.online) }),
            JSONMember("round_trips_by_phase", byPhase { BenchReport.count($0.roundTrips) }),
            JSONMember("and_gates_garbled", BenchReport.count(first.prover.andGatesGarbled)),
            JSONMember("wall_s", BenchReport.number(median { $0.prover.wallSeconds })),
            JSONMember(
                "wall_s_by_phase",
                .object(
                    first.prover.phases.enumerated().map { index, phase in
                        JSONMember(
                            phase.name,
                            BenchReport.number(Median.of(samples.map { $0.prover.phases[index].seconds }))
                        )
                    }
                )
            ),
            JSONMember("prover_cpu_s", BenchReport.number(median { $0.prover.processorSeconds })),
            JSONMember("notary_cpu_s", BenchReport.number(median { $0.notaryProcessorSeconds })),
            JSONMember("prover_peak_bytes", count { $0.prover.peakByteCount }),
            JSONMember("notary_peak_bytes", count { $0.notaryPeakByteCount }),
        ]
    }
}
