/// Names a commit; later commits have greater tokens.
package struct CommitToken: Hashable, Comparable, Sendable {
    /// Counted from 1 while a node runs.
    package let number: UInt64

    /// The commit with this number.
    package init(number: UInt64) {
        self.number = number
    }

    /// Earlier commits are smaller.
    package static func < (left: CommitToken, right: CommitToken) -> Bool { left.number < right.number }
}
