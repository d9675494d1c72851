import CKernels
import CryptoCore
import Testing

@Suite struct AES128GCMTests {
    /// Test case 4 of McGrew and Viega, *The Galois/Counter Mode of Operation*, appendix B.
    struct Case4 {
        let key = hex("feffe9928665731c6d6a8f9467308308")
        let nonce = hex("cafebabefacedbaddecaf888")
        let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let plaintext = hex(
            """
            d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
            """
        )
        let ciphertext = hex(
            """
            42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
            21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
            """
        )
        let tag = hex("5bc94fbc3221a5db94fae95ae7121a47")
    }

    @Test func sealsAndOpensTestCase4() throws {
        let test = Case4()
        let sealed = try AES128GCM.seal(key: test.key, nonce: test.nonce, aad: test.aad, plaintext: test.plaintext)
        #expect(sealed == test.ciphertext + test.tag)
        let opened = try AES128GCM.open(key: test.key, nonce: test.nonce, aad: test.aad, sealed: sealed)
        #expect(opened == test.plaintext)
    }

    @Test func agreesWithWycheproof() throws {
        let tests = try VectorFile("aes-128-gcm.txt").tests
        #expect(tests.count == 67)
        for test in tests {
            let fields = test.dropFirst(2).map(VectorFile.bytes)
            let (key, nonce, aad) = (fields[0], fields[1], fields[2])
            let (plaintext, sealed) = (fields[3], fields[4] + fields[5])
            if test[1] == "valid" {
                #expect(try AES128GCM.seal(key: key, nonce: nonce, aad: aad, plaintext: plaintext) == sealed)
                #expect(try AES128GCM.open(key: key, nonce: nonce, aad: aad, sealed: sealed) == plaintext)
            } else {
                #expect(throws: CryptoError.authenticationFailed, "test \(test[0])") {
                    try AES128GCM.open(key: key, nonce: nonce, aad: aad, sealed: sealed)
                }
            }
        }
    }

    @Test func ownBlockCipherAndGHASHMakeTheSameTags() throws {
        for test in try VectorFile("aes-128-gcm.txt").tests where test[1] == "valid" {
            let fields = test.dropFirst(2).map(VectorFile.bytes)
            let paths = onBothPaths { () -> [UInt8] in
                let cipher = AES128(key: fields[0])
                let h = cipher.encrypt([UInt8](repeating: 0, count: 16))
                let mask = cipher.encrypt(fields[1] + [0, 0, 0, 1])
                return zip(GHASH.compute(h: h, aad: fields[2], ciphertext: fields[4]), mask).map { $0 ^ $1 }
            }
            #expect(paths.accelerated == fields[5], "test \(test[0])")
            #expect(paths.portable == fields[5], "test \(test[0])")
        }
    }

    @Test func everyFlippedBitIsRefused() throws {
        let test = Case4()
        let sealed = test.ciphertext + test.tag
        for bit in 0..<8 * sealed.count {
            var forged = sealed
            forged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptoError.authenticationFailed) {
                try AES128GCM.open(key: test.key, nonce: test.nonce, aad: test.aad, sealed: forged)
            }
        }
    }

    @Test func otherAdditionalDataNonceOrKeyIsRefused() throws {
        let test = Case4()
        let sealed = test.ciphertext + test.tag
        for (key, nonce, aad) in [
            (test.key, test.nonce, Array(test.aad.dropLast())),
            (test.key, Array(test.nonce.reversed()), test.aad),
            (Array(test.key.reversed()), test.nonce, test.aad),
        ] {
            #expect(throws: CryptoError.authenticationFailed) {
                try AES128GCM.open(key: key, nonce: nonce, aad: aad, sealed: sealed)
            }
        }
    }

    @Test(arguments: 0..<16) func aMissingTagIsRefused(count: Int) {
        let test = Case4()
        #expect(throws: CryptoError.authenticationFailed) {
            try AES128GCM.open(key: test.key, nonce: test.nonce, aad: [], sealed: Array(test.tag.prefix(count)))
        }
    }

    @Test func wrongLengthsAreRefused() {
        let test = Case4()
        #expect(throws: CryptoError.wrongLength(expected: 16, received: 15)) {
            try AES128GCM.seal(key: Array(test.key.dropLast()), nonce: test.nonce, aad: [], plaintext: [])
        }
        #expect(throws: CryptoError.wrongLength(expected: 12, received: 16)) {
            try AES128GCM.open(key: test.key, nonce: test.key, aad: [], sealed: test.tag)
        }
    }

    @Test func emptyPlaintextIsTestCase1() throws {
        let zero = [UInt8](repeating: 0, count: 16)
        let sealed = try AES128GCM.seal(key: zero, nonce: Array(zero.prefix(12)), aad: [], plaintext: [])
        #expect(sealed == hex("58e2fccefa7e3061367f1d57a4e7455a"))
        #expect(try AES128GCM.open(key: zero, nonce: Array(zero.prefix(12)), aad: [], sealed: sealed) == [])
    }
}
