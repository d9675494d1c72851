/// Whether a notarization may still be questioned.
///
/// The window opens when the transcript was fixed and stays open for a time that all nodes of a network share.
package enum NotarizationWindow: Hashable, Sendable {
    /// It may be questioned until this moment, in Unix milliseconds.
    case open(until: UInt64)
    /// Nothing changes any more since this moment, in Unix milliseconds.
    case final(since: UInt64)

    /// The state at `now` of a window that ends at `end`, both in Unix milliseconds.
    package init(end: UInt64, now: UInt64) {
        self = now < end ? .open(until: end) : .final(since: end)
    }

    /// When the window ends or ended, in Unix milliseconds.
    package var end: UInt64 {
        switch self {
        case .open(let until): until
        case .final(let since): since
        }
    }

    /// Whether nothing changes any more.
    package var isFinal: Bool {
        if case .final = self { true } else { false }
    }
}
