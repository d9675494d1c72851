internal import Glibc

/// Factors by which counters shrink at every decay interval.
package enum ScoreDecay {
    /// The factor that brings a counter of 1 to `zero` within `duration`.
    ///
    /// - Parameters:
    ///   - duration: How long a single event is remembered.
    ///   - interval: The decay interval.
    ///   - zero: The value that counts as zero, in 0..<1.
    package static func factor(
        forgettingIn duration: Duration,
        interval: Duration = .seconds(1),
        zero: Double = 0.01
    ) -> Double {
        guard duration > .zero, interval > .zero, zero > 0, zero < 1 else { return 0 }
        return pow(zero, interval / duration)
    }
}
