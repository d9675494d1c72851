/// What makes a record news for a network; all nodes of a network have the same.
package struct RecordValidationParameters: Sendable {
    /// How far ahead of this node's clock a notary's may be.
    package var clockSkewMax = Duration.seconds(60)
    /// How old a record may be that arrives as news; older ones are caught up on by asking.
    package var newsAgeMax = Duration.seconds(600)
    /// How much the clocks of honest nodes differ, and how long a record may travel.
    ///
    /// Beyond this tolerance, whoever passes on what is too new or too old is at fault.
    package var tolerance = Duration.seconds(120)
    /// How long a notarization may be questioned after its transcript was fixed.
    package var windowDuration = Duration.seconds(86_400)
    /// How many records of one signer are taken in at once.
    package var signerBurst = 256
    /// How many records of one signer are taken in a second in the long run.
    package var signerRecordsPerSecond = 32
    /// How many records one signer may have whose transcripts were fixed in the same minute.
    ///
    /// The same for everyone, whenever the records arrive.
    package var signerRecordsPerMinuteOfTime = 2_048
    /// How many signers' rates are followed.
    package var signerCountMax = 4_096

    /// The defaults.
    package init() {}
}

extension Duration {
    /// Whole milliseconds, saturating; 0 for negative durations.
    package var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let product = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        let sum = product.partialValue.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000_000_000))
        return product.overflow || sum.overflow ? .max : sum.partialValue
    }
}
