/// What kind of record bytes are: their first byte, before the version of the kind's format.
package enum RecordKind: UInt8, CaseIterable, Hashable, Sendable {
    /// A ``Notarization``.
    case notarization = 1
}
