/// What an attestation says about the application data of both directions.
public struct TranscriptSummary: Hashable, Sendable {
    /// The most bytes of one direction.
    public static let lengthMax = 1 << 40
    /// The most leaves of the commitment tree.
    public static let leafCountMax = 1 << 16

    /// Plaintext bytes that the client sent.
    public let sentLength: Int
    /// Plaintext bytes that the client received.
    public let receivedLength: Int
    /// Whether what was received is known to be all of it.
    ///
    /// In two-party mode that is an authenticated close_notify, the one end that a blind notary can see.
    /// When it is not, the transcript is a prefix of what the server may have sent before the connection closed.
    public let complete: Bool
    /// Leaves of the commitment tree.
    public let leafCount: Int
    /// Root of the commitment tree; see ``TranscriptTree``.
    public let root: Bytes32

    /// Checks the ranges.
    ///
    /// - Throws: `.malformed`.
    public init(
        sentLength: Int,
        receivedLength: Int,
        complete: Bool,
        leafCount: Int,
        root: Bytes32
    ) throws(AttestationError) {
        guard (0...Self.lengthMax).contains(sentLength), (0...Self.lengthMax).contains(receivedLength) else {
            throw .malformed("transcript length")
        }
        guard (0...Self.leafCountMax).contains(leafCount) else { throw .malformed("leafCount") }
        self.sentLength = sentLength
        self.receivedLength = receivedLength
        self.complete = complete
        self.leafCount = leafCount
        self.root = root
    }

    /// The summary of a tree.
    public init(tree: TranscriptTree, complete: Bool) throws(AttestationError) {
        try self.init(
            sentLength: tree.sentLength,
            receivedLength: tree.receivedLength,
            complete: complete,
            leafCount: tree.leaves.count,
            root: tree.root
        )
    }

    /// The length of one direction.
    public func length(_ direction: TranscriptLeaf.Direction) -> Int {
        direction == .sent ? sentLength : receivedLength
    }
}
