/// Something that must hold for every input did not.
package struct FuzzFailure: Error, CustomStringConvertible {
    /// What did not hold.
    package let description: String

    /// A failure.
    package init(_ description: String) {
        self.description = description
    }
}

/// Checks what must hold.
///
/// - Throws: ``FuzzFailure``.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw FuzzFailure(what()) }
}

/// Checks that two ways to the same end meet.
///
/// - Throws: ``FuzzFailure`` that shows both.
func requireEqual<Value: Equatable>(_ left: Value, _ right: Value, _ what: @autoclosure () -> String) throws {
    guard left == right else {
        throw FuzzFailure("\(what()):\n  \(String("\(left)".prefix(2_000)))\n  \(String("\(right)".prefix(2_000)))")
    }
}
