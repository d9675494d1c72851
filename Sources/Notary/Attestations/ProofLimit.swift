/// Something that a verified presentation does not prove.
public enum ProofLimit: Hashable, Sendable {
    /// The notary was not checked against any list.
    case notaryUnknown
    /// Notary and owner together can make up a transcript.
    case collusion
    /// Nobody knows who the server is.
    case serverUnknown
    /// The certificate was checked by the notary; the relying party has its fingerprint only.
    case certificateCheckedByNotary
    /// The server may have sent more before the connection closed.
    case prefixOnly
    /// So many bytes of a direction are not shown; the meaning of those that are may depend on them.
    case hiddenBytes(TranscriptLeaf.Direction, count: Int)
    /// Owner, context and declared value are what the owner said.
    case purposeIsDeclared
    /// That what the server says is true, or still true.
    case truthOfContent
}

extension ProofLimit: CustomStringConvertible {
    /// One English sentence.
    public var description: String {
        switch self {
        case .notaryUnknown:
            "Who the notary is: any signature was accepted, and anybody can make a key."
        case .collusion:
            "That notary and owner did not collude: together they hold all keys of the session."
        case .serverUnknown:
            "Which server it was: its identity is committed and was not opened."
        case .certificateCheckedByNotary:
            "That the certificate was valid, other than by the notary's word; only its fingerprint is signed."
        case .prefixOnly:
            "That the response is complete: the connection closed without an authenticated end."
        case .hiddenBytes(let direction, let count):
            "What the \(count) hidden bytes that were \(direction == .sent ? "sent" : "received") say."
        case .purposeIsDeclared:
            "That owner, context and declared value fit the transcript: the owner chose them."
        case .truthOfContent:
            "That what the server says is true, or has not changed since."
        }
    }
}
