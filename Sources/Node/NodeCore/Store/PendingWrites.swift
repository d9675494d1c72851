internal import Attestations
internal import Records

/// What is on its way to the store and cannot be read there yet; bounded by what may wait in ``CommitQueue``.
struct PendingWrites: Sendable {
    /// Attestations on their way, with their bytes.
    private var records: [AttestationID: [UInt8]] = [:]
    /// The attestations of a session that are on their way, in the order in which they came.
    private var sessions: [SessionKey: [AttestationID]] = [:]
    /// Own signatures on their way, and how many requests wait for each.
    private var signatures: [SignatureKey: (signature: OwnSignature, count: Int)] = [:]

    func bytes(of id: AttestationID) -> [UInt8]? { records[id] }
    func attestations(of session: SessionKey) -> [AttestationID] { sessions[session] ?? [] }
    func signature(_ key: SignatureKey) -> OwnSignature? { signatures[key]?.signature }

    mutating func insert(_ record: Notarization, session: SessionKey) {
        records[record.id] = record.bytes
        sessions[session, default: []].append(record.id)
    }

    mutating func remove(_ id: AttestationID, session: SessionKey) {
        records[id] = nil
        sessions[session]?.removeAll { $0 == id }
        if sessions[session]?.isEmpty == true { sessions[session] = nil }
    }

    mutating func insert(_ signature: OwnSignature, _ key: SignatureKey) {
        signatures[key] = (signature, (signatures[key]?.count ?? 0) + 1)
    }

    mutating func remove(_ key: SignatureKey) {
        guard let present = signatures[key] else { return }
        signatures[key] = present.count > 1 ? (present.signature, present.count - 1) : nil
    }
}
