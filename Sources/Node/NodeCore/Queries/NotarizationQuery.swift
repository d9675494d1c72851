package import Attestations
package import KeyValueStorage
package import Records

/// Which notarizations are asked for.
package struct NotarizationQuery: Sendable, Equatable {
    /// The most on a page.
    package static let limitMax = 1_000

    /// Whose or which.
    package enum Filter: Sendable, Equatable {
        /// All.
        case all
        /// Of one notary.
        case notary(EthereumAddress)
        /// Of one owner.
        case owner(EthereumAddress)
        /// About one server, without regard to case; only those that reveal it.
        case server(String)
    }

    /// Whose or which.
    package var filter: Filter
    /// The first time, in Unix milliseconds; of when the transcript was fixed.
    package var from: UInt64
    /// The end of the times, not included.
    package var before: UInt64
    /// Oldest or newest first.
    package var order: ScanOrder
    /// The most on a page; at least 1, at most ``limitMax``.
    package var limit: Int
    /// Where the last page ended; nil: from the beginning.
    package var cursor: NotarizationCursor?

    /// A query; by default for the newest.
    package init(
        _ filter: Filter = .all,
        from: UInt64 = 0,
        before: UInt64 = .max,
        order: ScanOrder = .descending,
        limit: Int = 100,
        cursor: NotarizationCursor? = nil
    ) {
        self.filter = filter
        self.from = from
        self.before = before
        self.order = order
        self.limit = limit
        self.cursor = cursor
    }
}

/// The last notarization of a page.
package struct NotarizationCursor: Hashable, Sendable {
    /// When its transcript was fixed, in Unix milliseconds.
    package let time: UInt64
    /// Its id.
    package let id: AttestationID

    /// A place.
    package init(time: UInt64, id: AttestationID) {
        self.time = time
        self.id = id
    }
}

/// A part of what a query finds.
package struct NotarizationPage: Sendable, Equatable {
    /// The notarizations in the query's order.
    package let entries: [NotarizationSummary]
    /// Where the next page begins; nil: this was all.
    package let next: NotarizationCursor?

    static let empty = NotarizationPage(entries: [], next: nil)
}

/// A notarization in a list.
package struct NotarizationSummary: Sendable, Equatable {
    /// Its id.
    package let id: AttestationID
    /// What was signed.
    package let header: AttestationHeader
    /// Whether it may still be questioned.
    package let window: NotarizationWindow
}

/// All that is known of a notarization.
package struct NotarizationDetails: Sendable, Equatable {
    /// The record.
    package let record: Notarization
    /// Whether it may still be questioned.
    package let window: NotarizationWindow
    /// Another attestation that the notary signed for the same session: it broke its promise.
    package let contradiction: AttestationID?
}
