package import Attestations

/// A place in a topic's records, which are in the order of time and id: the next one to be sent.
package struct SyncPosition: Hashable, Comparable, Sendable {
    /// When the transcript was fixed, in Unix milliseconds.
    package var time: UInt64
    /// The least id, of records of that time.
    package var id: AttestationID

    /// A place; without an id, before all records of that time.
    package init(time: UInt64, id: AttestationID = AttestationID(.zero)) {
        self.time = time
        self.id = id
    }

    /// The order of records.
    package static func < (left: SyncPosition, right: SyncPosition) -> Bool {
        left.time == right.time
            ? left.id.value.bytes.lexicographicallyPrecedes(right.id.value.bytes) : left.time < right.time
    }
}

/// What is asked on a stream of `/tabellion/sync/1`; one question at a time.
package enum SyncRequest: Hashable, Sendable {
    /// What spans hold: those with numbers from `first` on, `count` of them.
    case digests(DigestLevel, first: UInt64, count: UInt32)
    /// The ids of records from a place on and before a time.
    case identifiers(from: SyncPosition, before: UInt64)
    /// The records themselves, from a place on and before a time.
    case records(from: SyncPosition, before: UInt64)
    /// The records with these ids.
    case selection([AttestationID])

    /// Spans in one question and one answer.
    package static let digestCountMax = 1_024
    /// Ids in one selection.
    package static let selectionCountMax = 64
    /// The longest question.
    package static let byteCountMax = 4 + 32 * selectionCountMax + 16
}

/// The answer to a ``SyncRequest``.
package enum SyncResponse: Hashable, Sendable {
    /// Why nothing is answered.
    package enum Refusal: UInt8, Hashable, Sendable, CaseIterable {
        /// The peer asked for more than it may; later it may again.
        case busy = 1
        /// The store cannot be read.
        case unavailable = 2
    }

    /// The spans that are not empty, ascending; `next`: where the rest begins, if they did not fit.
    case digests([SyncSpan], next: UInt64?)
    /// Ids, ascending by time and id; `next` likewise.
    case identifiers([SyncPosition], next: SyncPosition?)
    /// Records, ascending by time and id, or as far as there are any of a selection; `next` likewise.
    case records([[UInt8]], next: SyncPosition?)
    /// Nothing; to be asked again after some milliseconds.
    case refused(Refusal, retryMilliseconds: UInt32)

    /// Ids in one answer.
    package static let identifierCountMax = 4_096
    /// Records in one answer.
    package static let recordCountMax = 4_096
}

/// What a peer has of one span.
package struct SyncSpan: Hashable, Sendable {
    /// The number of the span.
    package var index: UInt64
    /// What it holds.
    package var digest: SetDigest

    /// A span.
    package init(index: UInt64, digest: SetDigest) {
        self.index = index
        self.digest = digest
    }

    /// Spans are equal when they say the same; bytes are not said.
    package static func == (left: SyncSpan, right: SyncSpan) -> Bool {
        left.index == right.index && left.digest.matches(right.digest)
    }

    /// Hashes what ``==(_:_:)`` compares.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(index)
        hasher.combine(digest.count)
    }
}
