internal import Attestations
internal import NodeRuntime

/// The files that a notarization leaves.
struct NotarizationFiles {
    /// The attestation.
    let attestation: String
    /// What opens it.
    let secrets: String
    /// What is kept of a notary that misbehaved, instead of both.
    let evidence: String
    private let encoding: EvidenceFile.Encoding
    private let overwrites: Bool

    /// The files around the name `out`.
    init(out: String, encoding: EvidenceFile.Encoding, overwrites: Bool) {
        attestation = out
        secrets = out + EvidenceFile.secretsSuffix
        evidence = out + EvidenceFile.evidenceSuffix
        self.encoding = encoding
        self.overwrites = overwrites
    }

    /// Refuses early if one of the files could not be written later.
    func checkWritable() throws {
        for path in [attestation, secrets, evidence] { try StagedFile.checkWritable(path, overwrites: overwrites) }
    }

    /// Writes attestation and secrets, or neither.
    func write(_ outcome: NotarizationClient.Outcome) throws {
        let secrets = try StagedFile(
            secrets,
            bytes: EvidenceFile.bytes(of: .secrets(outcome.secrets), encoding),
            access: .secret,
            overwrites: overwrites
        )
        let attestation = try StagedFile(
            attestation,
            bytes: EvidenceFile.bytes(of: .attestation(outcome.attestation), encoding),
            access: .ordinary,
            overwrites: overwrites
        )
        try StagedFile.commit(secrets, then: attestation)
    }

    /// Writes the evidence; gives why it could not be, which must not hide what the notary did.
    func write(_ misbehaviour: MisbehaviourEvidence) -> CommandFailure? {
        do {
            try StagedFile.write(
                evidence,
                bytes: EvidenceFile.bytes(of: .misbehaviour(misbehaviour), encoding),
                access: .secret,
                overwrites: overwrites
            )
            return nil
        } catch {
            return error as? CommandFailure ?? CommandFailure(.outputUnwritable, "\(error)")
        }
    }
}
