import CryptoCore
import EthereumCodec
import Testing
import WireFormat

@Suite("Key files (Web3 Secret Storage, version 3)")
struct KeystoreV3Tests {
    /// The two test vectors of the Web3 Secret Storage Definition; password "testpassword".
    static let pbkdf2 = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
        "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """
    static let scrypt = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,
        "salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """
    static let secret: [UInt8] = [
        0x7a, 0x28, 0xb5, 0xba, 0x57, 0xc5, 0x36, 0x03, 0xb0, 0xb0, 0x7b, 0x56, 0xbb, 0xa7, 0x52, 0xf7,
        0x78, 0x4b, 0xf5, 0x06, 0xfa, 0x95, 0xed, 0xc3, 0x95, 0xf5, 0xcf, 0x6c, 0x75, 0x14, 0xfe, 0x9d,
    ]
    static let password = Array("testpassword".utf8)

    private func read(_ text: String) throws -> KeystoreV3 { try KeystoreV3(json: Array(text.utf8)) }

    private func lightFile() throws -> KeystoreV3 {
        var counter: UInt8 = 0
        return try KeystoreV3.encrypt(
            try Secp256k1PrivateKey(bytes: Self.secret),
            password: Self.password,
            strength: .light
        ) { count in
            counter += 1
            return [UInt8](repeating: counter, count: count)
        }
    }

    @Test("Vectors of the definition", arguments: [pbkdf2, scrypt])
    func vectors(text: String) throws {
        let file = try read(text)
        let key = try file.decrypt(password: Self.password)
        #expect(key.withSecretBytes { $0 } == Self.secret)
        #expect(throws: KeystoreError.wrongPassword) { try file.decrypt(password: Array("testpasswors".utf8)) }
    }

    @Test func writtenFilesAreRead() throws {
        let file = try lightFile()
        let again = try read(file.json)
        #expect(again == file)
        #expect(file.json.contains(#""id": "03030303-0303-4303-8303-030303030303""#))
        #expect(try again.decrypt(password: Self.password).withSecretBytes { $0 } == Self.secret)
        #expect(throws: KeystoreError.wrongPassword) { try again.decrypt(password: []) }
    }

    @Test func anAlteredFileDoesNotGiveAnotherKey() throws {
        let file = try lightFile()
        let digits = Hexadecimal.digits(file.ciphertext)
        var other = file.ciphertext
        other[31] ^= 1
        let altered = file.json.replacing(digits, with: Hexadecimal.digits(other))
        #expect(altered != file.json)
        #expect(throws: KeystoreError.wrongPassword) { try read(altered).decrypt(password: Self.password) }
    }

    @Test func theAddressMustBeThatOfTheKey() throws {
        let file = try lightFile()
        let address = try #require(file.address)
        let digits = String(address.checksummed.dropFirst(2)).lowercased()
        let other = String(repeating: "ab", count: 20)
        #expect(throws: KeystoreError.addressMismatch(claimed: try EthereumAddress("0x" + other), found: address)) {
            try read(file.json.replacing(digits, with: other)).decrypt(password: Self.password)
        }
    }

    @Test(
        "Absurd parameters are refused when the file is read",
        arguments: [
            ("262144", "0"), ("262144", "1"), ("262144", "3"), ("262144", "4294967296"),
            ("262144", "9223372036854775807"), ("\"r\":1", "\"r\":4611686018427387904"),
            ("\"r\":1", "\"r\":0"), ("\"r\":1", "\"r\":4096"), ("\"r\":1", "\"r\":16"), ("\"p\":8", "\"p\":1000000"),
            ("\"p\":8", "\"p\":1024"), ("\"dklen\":32", "\"dklen\":16"), ("\"dklen\":32", "\"dklen\":4294967296"),
        ]
    )
    func absurd(find: String, replace: String) {
        #expect(throws: KeystoreError.parameters) { try read(Self.scrypt.replacing(find, with: replace)) }
    }

    @Test("PBKDF2 bounds", arguments: ["0", "10000001", "2147483648"])
    func iterations(count: String) {
        #expect(throws: KeystoreError.parameters) { try read(Self.pbkdf2.replacing("262144", with: count)) }
    }

    @Test func malformedFiles() {
        let cases: [(String, String, KeystoreError)] = [
            ("\"version\":3", "\"version\":4", .unsupported("version")),
            ("\"version\":3", "\"version\":\"3\"", .unsupported("version")),
            ("aes-128-ctr", "aes-128-cbc", .unsupported("aes-128-cbc")),
            ("\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"", .unsupported("argon2")),
            ("83dbcc02d8ccb40e466191a123791e0e", "83dbcc02", .malformed("iv")),
            ("d172bf74", "d172bf7", .malformed("ciphertext")),
            ("2103ac29", "", .malformed("mac")),
            ("262144", "1.5", .malformed("n")),
            ("262144", "-2", .malformed("n")),
            ("ab0c7876", "xy0c7876", .malformed("salt")),
            ("3198bc9c", "3198bc", .malformed("id")),
            ("\"version\":3", "\"version\":3,\"address\":\"12\"", .malformed("address")),
            ("{\"crypto\"", "[", .malformed("JSON")),
        ]
        for (find, replace, error) in cases {
            #expect(throws: error, "\(find) → \(replace)") { try read(Self.scrypt.replacing(find, with: replace)) }
        }
        #expect(throws: KeystoreError.malformed("JSON")) {
            try read(Self.scrypt + String(repeating: " ", count: KeystoreV3.byteCountMax))
        }
    }
}
