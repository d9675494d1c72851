import FuzzTargets
import Testing

/// The short run of what `scripts/fuzz` does at length: every committed input, and changes of them.
@Suite(.serialized)
struct FuzzTests {
    /// Other numbers try other inputs.
    private static let seed: UInt64 = 1

    private static func folder(_ format: FuzzFormat) -> String {
        let here = #filePath.dropLast("/FuzzTests.swift".count)
        return "\(here)/Corpus/\(format.rawValue)"
    }

    private func attempt(_ format: FuzzFormat, _ bytes: [UInt8], _ origin: String) {
        FuzzDeath.prepare(format, bytes)
        do {
            try format.run(bytes)
        } catch {
            Issue.record(
                """
                \(format.rawValue), \(origin): \(error)
                repeat with: scripts/fuzz \(format.rawValue) --replay \(FuzzDeath.replayable(bytes))
                """
            )
        }
    }

    @Test(arguments: FuzzFormat.allCases)
    func corpusHolds(_ format: FuzzFormat) throws {
        FuzzDeath.watch()
        let inputs = try FuzzFiles.inputs(in: Self.folder(format))
        #expect((5...150).contains(inputs.count), "a corpus that says something, and not too much")
        #expect(inputs.reduce(0) { $0 + $1.bytes.count } <= 200 << 10)
        for (name, bytes) in inputs {
            #expect(bytes.count <= format.byteCountMax, "\(name) is not tried")
            attempt(format, bytes, name)
        }
    }

    @Test(arguments: FuzzFormat.allCases)
    func seedsHold(_ format: FuzzFormat) throws {
        FuzzDeath.watch()
        for (index, bytes) in try format.seeds().enumerated() {
            #expect(bytes.count <= format.byteCountMax)
            attempt(format, bytes, "seed \(index)")
        }
    }

    @Test(arguments: FuzzFormat.allCases)
    func changesHold(_ format: FuzzFormat) throws {
        FuzzDeath.watch()
        let corpus = try FuzzFiles.inputs(in: Self.folder(format)).map(\.bytes)
        var mutator = InputMutator(seed: Self.seed, corpus: corpus, byteCountMax: format.byteCountMax)
        for number in 0..<format.shortRunCount { attempt(format, mutator.next(), "seed \(Self.seed), input \(number)") }
    }

    @Test
    func changesRepeatWithTheirSeed() {
        let corpus: [[UInt8]] = [[1, 2, 3], [4, 5, 6, 7, 8]]
        var mutators = [7, 7, 8].map { InputMutator(seed: $0, corpus: corpus, byteCountMax: 20) }
        let inputs = mutators.indices.map { index in (0..<200).map { _ in mutators[index].next() } }
        #expect(inputs[0] == inputs[1])
        #expect(inputs[0] != inputs[2])
        #expect(Set(inputs[0]).count > 100)
        #expect(inputs.joined().allSatisfy { $0.count <= 20 })
    }
}
