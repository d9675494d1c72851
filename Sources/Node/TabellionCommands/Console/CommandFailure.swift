/// Why a command ends without its result: a status for machines and a sentence for people.
package struct CommandFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package let status: ExitStatus
    /// What happened, as one sentence without a full stop.
    package let message: String
    /// What the user can do about it, if that is known.
    package let advice: String?

    /// A failure.
    package init(_ status: ExitStatus, _ message: String, advice: String? = nil) {
        self.status = status
        self.message = message
        self.advice = advice
    }

    /// The message with its advice.
    package var description: String {
        advice.map { "\(message)\n  \($0)" } ?? message
    }
}
