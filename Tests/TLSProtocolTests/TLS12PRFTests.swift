import CryptoCore
import TLSProtocol
import Testing

@Suite("TLS 1.2 PRF and key schedule")
struct TLS12PRFTests {
    /// "Test vectors for TLS 1.2 PRF", P_SHA256, from the IETF TLS list; OpenSSL's TLS1-PRF gives the same.
    @Test("the published P_SHA256 vector")
    func publishedVector() {
        let output = TLS12PRF.expand(
            secret: hex("9bbe436ba940f017b17652849a71db35"),
            labelAndSeed: Array("test label".utf8) + hex("a0ba9f936cda311827a6f796ffd5198c"),
            byteCount: 100
        )
        #expect(
            output
                == hex(
                    """
                    e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af
                    0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701
                    87347b66
                    """
                )
        )
    }

    /// Made with `openssl kdf … TLS1-PRF`, an independent implementation.
    @Test("master secret, keys and Finished values agree with OpenSSL")
    func keySchedule() {
        let sessionHash = SHA256.hash(Array("session".utf8))
        let master = TLS12KeySchedule.masterSecret(premasterSecret: (0..<32).map { $0 }, sessionHash: sessionHash)
        #expect(
            master
                == hex(
                    "3d32721a7ef4add4f23139445f4fe4131956f9ef36687c380fad2db2ba3a2c65e85047e41e9810ef9c54e200dc4545fe"
                )
        )
        let keys = TLS12KeySchedule.trafficKeys(
            masterSecret: master,
            clientRandom: [UInt8](repeating: 1, count: 32),
            serverRandom: [UInt8](repeating: 2, count: 32)
        )
        #expect(keys.client.key.bytes == hex("7c85aa829c340c1d250889088f257f09"))
        #expect(keys.server.key.bytes == hex("63f84fe31cdedb3845c75470bd6b4017"))
        #expect(keys.client.salt == hex("6d2a43fb"))
        #expect(keys.server.salt == hex("046dad73"))
        let client = TLS12KeySchedule.verifyData(
            masterSecret: master,
            label: .clientFinished,
            transcriptHash: sessionHash
        )
        let server = TLS12KeySchedule.verifyData(
            masterSecret: master,
            label: .serverFinished,
            transcriptHash: sessionHash
        )
        #expect(client == hex("a063b5cafff673111d576073"))
        #expect(server == hex("9018e90af74ad5e3c0f6645c"))
    }

    @Test("traffic keys do not print")
    func redaction() {
        let key = TLS12TrafficKey(key: [UInt8](repeating: 0xab, count: 16), salt: [1, 2, 3, 4])
        #expect(!"\(key)".contains("171") && !"\(key)".contains("ab, ab"))
    }
}
