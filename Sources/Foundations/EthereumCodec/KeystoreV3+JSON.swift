internal import CryptoCore
internal import WireFormat

extension KeystoreV3 {
    /// Reads the JSON of a key file, at most ``byteCountMax`` bytes of it.
    ///
    /// Members that the definition does not name are ignored, as others write some of their own; digits may have
    /// either case. The derivation's parameters are checked here, before anybody types a password.
    package init(json bytes: [UInt8]) throws(KeystoreError) {
        guard let root = try? JSONValue(parsing: bytes, limit: Self.byteCountMax) else { throw .malformed("JSON") }
        guard root["version"]?.unsigned == 3 else { throw .unsupported("version") }
        guard let crypto = root["crypto"] ?? root["Crypto"] else { throw .malformed("crypto") }
        guard let cipher = crypto["cipher"]?.string else { throw .malformed("cipher") }
        guard cipher == "aes-128-ctr" else { throw .unsupported(cipher) }
        guard let parameters = crypto["cipherparams"] else { throw .malformed("cipherparams") }
        let derivation = try Self.derivation(crypto)
        try derivation.check()
        var address: EthereumAddress?
        if let text = root["address"]?.string, !text.isEmpty {
            let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
            guard let bytes = Hexadecimal.decode(digits: digits), let parsed = EthereumAddress(bytes: bytes) else {
                throw .malformed("address")
            }
            address = parsed
        }
        let identifier = (root["id"]?.string ?? "").filter { $0 != "-" }
        guard let identifierBytes = Hexadecimal.decode(digits: identifier), [0, 16].contains(identifierBytes.count)
        else { throw .malformed("id") }
        self.init(
            address: address,
            identifier: identifierBytes,
            derivation: derivation,
            counter: try Self.bytes("iv", in: parameters, count: 16),
            ciphertext: try Self.bytes("ciphertext", in: crypto, count: 32),
            authenticationCode: try Self.bytes("mac", in: crypto, count: 32)
        )
    }

    /// The JSON of the key file.
    package var json: String {
        var members: [JSONMember] = [JSONMember("version", .unsigned(3))]
        if identifier.count == 16 { members.append(JSONMember("id", .string(identifierText))) }
        if let address { members.append(JSONMember("address", .string(Hexadecimal.digits(address.bytes)))) }
        let derivation: (name: String, parameters: [JSONMember])
        switch self.derivation {
        case .scrypt(let cost, let blockSize, let parallelism, let salt):
            derivation = (
                "scrypt",
                [
                    JSONMember("n", .number(String(cost))), JSONMember("r", .number(String(blockSize))),
                    JSONMember("p", .number(String(parallelism))), JSONMember("dklen", .unsigned(32)),
                    JSONMember("salt", .string(Hexadecimal.digits(salt))),
                ]
            )
        case .pbkdf2(let iterations, let salt):
            derivation = (
                "pbkdf2",
                [
                    JSONMember("c", .number(String(iterations))), JSONMember("prf", .string("hmac-sha256")),
                    JSONMember("dklen", .unsigned(32)), JSONMember("salt", .string(Hexadecimal.digits(salt))),
                ]
            )
        }
        let cipherParameters = JSONValue.object([JSONMember("iv", .string(Hexadecimal.digits(counter)))])
        members.append(
            JSONMember(
                "crypto",
                .object([
                    JSONMember("cipher", .string("aes-128-ctr")), JSONMember("cipherparams", cipherParameters),
                    JSONMember("ciphertext", .string(Hexadecimal.digits(ciphertext))),
                    JSONMember("kdf", .string(derivation.name)),
                    JSONMember("kdfparams", .object(derivation.parameters)),
                    JSONMember("mac", .string(Hexadecimal.digits(authenticationCode))),
                ])
            )
        )
        return JSONValue.object(members).text(indented: true) + "\n"
    }

    /// The identifier in the 8-4-4-4-12 form of RFC 9562.
    private var identifierText: String {
        var rest = Hexadecimal.digits(identifier)[...]
        var groups: [Substring] = []
        for count in [8, 4, 4, 4, 12] {
            groups.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return groups.joined(separator: "-")
    }

    private static func derivation(_ crypto: JSONValue) throws(KeystoreError) -> KeystoreDerivation {
        guard let name = crypto["kdf"]?.string else { throw .malformed("kdf") }
        guard let parameters = crypto["kdfparams"] else { throw .malformed("kdfparams") }
        guard try integer("dklen", in: parameters) == 32 else { throw .parameters }
        guard let salt = parameters["salt"]?.string.flatMap({ Hexadecimal.decode(digits: $0) }) else {
            throw .malformed("salt")
        }
        switch name {
        case "scrypt":
            return .scrypt(
                cost: try integer("n", in: parameters),
                blockSize: try integer("r", in: parameters),
                parallelism: try integer("p", in: parameters),
                salt: salt
            )
        case "pbkdf2":
            guard parameters["prf"]?.string == "hmac-sha256" else { throw .unsupported("prf") }
            return .pbkdf2(iterations: try integer("c", in: parameters), salt: salt)
        default:
            throw .unsupported(name)
        }
    }

    private static func integer(_ name: String, in object: JSONValue) throws(KeystoreError) -> Int {
        guard let value = object[name]?.unsigned.flatMap({ Int(exactly: $0) }) else { throw .malformed(name) }
        return value
    }

    private static func bytes(_ name: String, in object: JSONValue, count: Int) throws(KeystoreError) -> [UInt8] {
        guard let bytes = object[name]?.string.flatMap({ Hexadecimal.decode(digits: $0) }), bytes.count == count else {
            throw .malformed(name)
        }
        return bytes
    }
}
