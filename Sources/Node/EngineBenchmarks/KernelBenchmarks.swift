/// The speeds of the engine's kernels on one thread.
///
/// Every figure is work done for real, on fresh inputs: circuits that were garbled are evaluated, proofs are verified,
/// correlations are checked. A kernel that gives wrong results gives no figure.
package enum KernelBenchmarks {
    /// A kernel that computed something wrong; its speed means nothing.
    package struct WrongResult: Error, CustomStringConvertible {
        /// Which one.
        package let kernel: String

        package var description: String { "the kernel \(kernel) computed something wrong" }
    }

    /// Measures everything.
    ///
    /// - Parameters:
    ///   - runs: how often each kernel is measured, at least once.
    ///   - seconds: how long a run takes at least.
    /// - Throws: ``WrongResult``, or what a kernel throws.
    package static func run(runs: Int, seconds: Double) throws -> [KernelFigure] {
        let repetition = Repetition(runs: runs, seconds: seconds)
        return try GarblingBenchmark.figures(repetition) + CorrelationBenchmark.figures(repetition)
            + ProofBenchmark.figures(repetition) + FieldBenchmark.figures(repetition)
            + CipherBenchmark.figures(repetition)
    }
}

/// How often and how long a kernel is measured.
struct Repetition {
    let runs: Int
    let seconds: Double

    /// The speed of `body`, which does `count` operations a call; called once beforehand to warm up.
    func speeds(count: Int, _ body: () throws -> Void) rethrows -> [Double] {
        try body()
        return try (0..<runs).map { _ in
            var calls = 0
            var elapsed = 0.0
            while elapsed < seconds {
                elapsed += try ThreadClock.measure(body)
                calls += 1
            }
            return Double(calls * count) / elapsed
        }
    }
}
