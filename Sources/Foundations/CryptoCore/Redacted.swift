/// A value with secrets in it: it prints as the name of its type, and reflection finds nothing in it.
///
/// Without this, an interpolation in a log, `dump` or a failed expectation of a test would write out every stored
/// property. A type that has no secret of its own but contains one that is not `Redacted`, such as an array of blocks,
/// conforms too.
package protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    /// Prints the type's name only.
    package var description: String { "\(Self.self)(redacted)" }

    /// Prints the type's name only.
    package var debugDescription: String { description }

    /// Shows nothing to reflection.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
