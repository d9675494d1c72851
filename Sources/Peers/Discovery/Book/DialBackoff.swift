/// How long to wait after failed dials: twice as long each time, up to a limit, with jitter.
///
/// Without jitter, all nodes of a network would dial a peer that returns at the same moment.
package struct DialBackoff: Hashable, Sendable {
    /// The longest wait after the first failure.
    package var base = Duration.seconds(5)
    /// The longest wait at all.
    package var max = Duration.seconds(600)

    /// 5 s to 10 min.
    package init() {}

    /// A wait between half of and the whole of min(`base`·2^(n−1), `max`) after the n-th failure in a row; none for 0.
    package func delay(afterFailures count: Int, using random: inout some RandomNumberGenerator) -> Duration {
        guard count > 0 else { return .zero }
        var delay = base
        var doublings = count - 1
        while doublings > 0, delay < max {
            delay *= 2
            doublings -= 1
        }
        return Swift.min(delay, max) * Double.random(in: 0.5...1, using: &random)
    }

    /// Whether the times make sense.
    var isValid: Bool { base > .zero && base <= max }
}
