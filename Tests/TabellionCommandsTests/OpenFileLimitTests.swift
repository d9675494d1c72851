import TabellionCommands
import Testing

struct OpenFileLimitTests {
    @Test func tooFewFilesAreRefusedWithAdvice() throws {
        #expect(OpenFileLimit.shortage(of: 768, forConnections: 512) == nil)
        #expect(OpenFileLimit.shortage(of: .max, forConnections: 4_000) == nil)
        let failure = try #require(OpenFileLimit.shortage(of: 767, forConnections: 512))
        #expect(failure.status == .configurationInvalid)
        #expect(failure.message.contains("767") && failure.message.contains("768"))
        #expect(failure.advice?.contains("LimitNOFILE=768") == true)
    }
}
