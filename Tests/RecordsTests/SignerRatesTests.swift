import RecordSamples
import Records
import Testing

@Suite struct SignerRatesTests {
    static let second: UInt64 = 1_000_000_000

    func rates(burst: Int = 4, perSecond: Int = 2, countMax: Int = 8) -> SignerRates {
        var parameters = RecordValidationParameters()
        parameters.signerBurst = burst
        parameters.signerRecordsPerSecond = perSecond
        parameters.signerCountMax = countMax
        return SignerRates(parameters: parameters)
    }

    /// How many of `count` records are taken in.
    func take(_ count: Int, of signer: UInt8, _ rates: inout SignerRates, now: UInt64) -> Int {
        (0..<count).count { _ in rates.take(RecordSamples.account(signer), now: now) }
    }

    @Test func aBurstIsFollowedByTheRate() {
        var rates = rates()
        let start = 10 * Self.second
        #expect(take(10, of: 1, &rates, now: start) == 4)
        #expect(take(10, of: 1, &rates, now: start + Self.second) == 2)
        #expect(take(10, of: 1, &rates, now: start + Self.second) == 0)
        #expect(take(10, of: 1, &rates, now: start + 3_600 * Self.second) == 4)
    }

    @Test func smallStepsGiveTheSameRate() {
        var rates = rates()
        let taken = (0..<1_000).reduce(0) { sum, step in
            sum + take(1, of: 1, &rates, now: Self.second + UInt64(step) * 10_000_000)
        }
        // Ten seconds: the burst and two a second.
        #expect((23...24).contains(taken))
    }

    @Test func oneSignerDoesNotUseUpAnothers() {
        var rates = rates()
        #expect(take(10, of: 1, &rates, now: Self.second) == 4)
        #expect(take(1, of: 2, &rates, now: Self.second) == 1)
    }

    @Test func signersAreBounded() {
        var rates = rates()
        for number in 0..<8 { #expect(take(1, of: UInt8(number), &rates, now: Self.second) == 1) }
        // All buckets miss a token, so none can be forgotten.
        #expect(take(1, of: 99, &rates, now: Self.second) == 0)
        #expect(rates.count == 8)
        // A second later all are full again.
        #expect(take(1, of: 99, &rates, now: 2 * Self.second) == 1)
        #expect(rates.count == 1)
    }

    @Test func clocksThatStandStillOrGoBackGiveNothing() {
        var rates = rates()
        #expect(take(4, of: 1, &rates, now: 5 * Self.second) == 4)
        #expect(take(1, of: 1, &rates, now: 5 * Self.second) == 0)
        #expect(take(1, of: 1, &rates, now: Self.second) == 0)
    }
}
