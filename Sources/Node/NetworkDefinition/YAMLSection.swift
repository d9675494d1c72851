internal import Yams

/// A mapping of a YAML file whose keys are known.
struct YAMLSection {
    private let name: String
    private let values: [String: Node]

    /// Reads a mapping.
    ///
    /// - Throws: ``NetworkFileError`` for anything else, an unknown key, or one that comes twice.
    init(_ node: Node, name: String, keys: Set<String>) throws(NetworkFileError) {
        guard let mapping = node.mapping else { throw .malformed("\(name) is no mapping") }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            guard let text = key.string, keys.contains(text) else {
                throw .unknownKey(String((key.string ?? "?").prefix(64)), known: keys.sorted())
            }
            guard values.updateValue(value, forKey: text) == nil else { throw .malformed("\(text) comes twice") }
        }
        self.name = name
        self.values = values
    }

    /// The value of a key that must be there.
    func required(_ key: String) throws(NetworkFileError) -> Node {
        guard let node = values[key] else { throw .malformed("\(name) has no \(key)") }
        return node
    }

    /// A text.
    func text(_ key: String) throws(NetworkFileError) -> String {
        guard let text = try required(key).scalar?.string else { throw .value(key, "a text") }
        return text
    }

    /// A whole number, not negative, in digits.
    func integer<Value: FixedWidthInteger>(_ key: String) throws(NetworkFileError) -> Value {
        let text = try text(key)
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Value(text) else {
            throw .value(key, "a whole number")
        }
        return value
    }

    /// `true` or `false`, or nothing.
    func flag(_ key: String) throws(NetworkFileError) -> Bool? {
        guard let node = values[key] else { return nil }
        switch node.scalar?.string {
        case "true": return true
        case "false": return false
        default: throw .value(key, "true or false")
        }
    }

    /// A list; without the key an empty one.
    func list(_ key: String, countMax: Int) throws(NetworkFileError) -> [Node] {
        guard let node = values[key] else { return [] }
        if let scalar = node.scalar, scalar.string.isEmpty { return [] }
        guard let sequence = node.sequence, sequence.count <= countMax else {
            throw .value(key, "a list of at most \(countMax)")
        }
        return Array(sequence)
    }
}
