import CryptoCore
import Testing

@Suite struct PasswordKeyDerivationTests {
    /// RFC 7914 §12, the first three vectors.
    @Test(arguments: [
        (
            "", "", 16, 1, 1,
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        (
            "password", "NaCl", 1024, 8, 16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", 16384, 8, 1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func scryptOfRFC7914(
        password: String,
        salt: String,
        cost: Int,
        blockSize: Int,
        parallelism: Int,
        key: String
    ) throws {
        let derived = try PasswordKeyDerivation.scrypt(
            password: Array(password.utf8),
            salt: Array(salt.utf8),
            cost: cost,
            blockSize: blockSize,
            parallelism: parallelism,
            byteCount: 64
        )
        #expect(derived.bytes == hex(key))
    }

    @Test(arguments: [
        (0, 8, 1, 32), (1, 8, 1, 32), (1000, 8, 1, 32), (1 << 30, 8, 1, 32), (1024, 0, 1, 32), (1024, 8, 0, 32),
        (1024, 8, 1, 0), (1024, 8, 1, 4096), (-16, 8, 1, 32), (1 << 20, 8, 1, 32), (1024, .max, .max, 32),
    ])
    func scryptRefusesWhatIsInvalidOrTooLarge(cost: Int, blockSize: Int, parallelism: Int, byteCount: Int) {
        #expect(throws: CryptoError.invalidParameters) {
            try PasswordKeyDerivation.scrypt(
                password: [1],
                salt: [2],
                cost: cost,
                blockSize: blockSize,
                parallelism: parallelism,
                byteCount: byteCount
            )
        }
    }

    /// RFC 7914 §11.
    @Test func pbkdf2OfRFC7914() throws {
        let key = try PasswordKeyDerivation.pbkdf2SHA256(
            password: Array("passwd".utf8),
            salt: Array("salt".utf8),
            iterations: 1,
            byteCount: 64
        )
        let expected =
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        #expect(key.bytes == hex(expected))
    }

    @Test func pbkdf2AgreesWithWycheproof() throws {
        let tests = try VectorFile("pbkdf2-hmac-sha256.txt").tests
        #expect(tests.count == 59)
        for test in tests {
            #expect(test[1] == "valid")
            let key = try PasswordKeyDerivation.pbkdf2SHA256(
                password: VectorFile.bytes(test[2]),
                salt: VectorFile.bytes(test[3]),
                iterations: try #require(Int(test[4])),
                byteCount: try #require(Int(test[5]))
            )
            #expect(key.bytes == VectorFile.bytes(test[6]), "test \(test[0])")
        }
    }

    @Test(arguments: [(0, 32), (-1, 32), (1000, 0), (1000, 4096), (.max, 32)])
    func pbkdf2RefusesWhatIsInvalidOrTooLarge(iterations: Int, byteCount: Int) {
        #expect(throws: CryptoError.invalidParameters) {
            try PasswordKeyDerivation.pbkdf2SHA256(
                password: [1],
                salt: [2],
                iterations: iterations,
                byteCount: byteCount
            )
        }
    }
}
