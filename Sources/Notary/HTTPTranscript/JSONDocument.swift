/// A JSON document as a flat list of its values, each with its place in the body.
///
/// The values stand in the order of the text, containers before their contents: the contents of the value at index
/// `i` are the indices `i + 1 ..< values[i].end`.
package struct JSONDocument: Sendable {
    /// What a value is.
    package enum Kind: UInt8, Sendable, Hashable {
        /// `{…}`
        case object
        /// `[…]`
        case array
        /// `"…"`
        case string
        /// A number.
        case number
        /// `true` or `false`.
        case boolean
        /// `null`
        case null
    }

    /// One value.
    package struct Value: Sendable, Hashable {
        /// What it is.
        package let kind: Kind
        /// The step from its parent; nil for the root.
        package let step: JSONPath.Step?
        /// The index of its parent; -1 for the root.
        package let parent: Int
        /// How many steps it is below the root.
        package let depth: Int
        /// Where its key is, quotation marks included; nil unless it is a member of an object.
        package let keySpan: Range<Int>?
        /// Where the value itself is.
        package fileprivate(set) var valueSpan: Range<Int>
        /// The index after its last descendant.
        package fileprivate(set) var end: Int

        /// Where the member is: from the key's first quotation mark to the value's last byte; the value if no member.
        package var memberSpan: Range<Int> { (keySpan?.lowerBound ?? valueSpan.lowerBound)..<valueSpan.upperBound }
    }

    /// Bounds on a document.
    package struct Limits: Sendable, Hashable {
        /// The deepest nesting of arrays and objects.
        package var depth: Int
        /// The most values, containers included.
        package var valueCount: Int

        /// Creates limits.
        package init(depth: Int = 64, valueCount: Int = 1 << 18) {
            self.depth = depth
            self.valueCount = valueCount
        }
    }

    /// All values in the order of the text.
    package private(set) var values: [Value] = []

    /// Parses `bytes`, strictly.
    package init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSONParseError) {
        var scanner = JSONScanner(bytes)
        try scanner.refuseByteOrderMark()
        try scanner.skipBlanks()
        try parseValue(&scanner, step: nil, parent: -1, depth: 0, keySpan: nil, limits: limits)
        scanner.skipBlanksToEnd()
        guard scanner.isAtEnd else { throw scanner.error(.surplusBytes) }
    }

    /// Whether the value at `index` contains no other value.
    package func isLeaf(_ index: Int) -> Bool { values[index].end == index + 1 }

    /// The path of the value at `index`.
    package func path(of index: Int) -> JSONPath {
        var steps: [JSONPath.Step] = []
        var current = index
        while current >= 0, let step = values[current].step {
            steps.append(step)
            current = values[current].parent
        }
        return JSONPath(steps: steps.reversed())
    }

    /// The indices of all values that `path` selects, in the order of the text.
    package func indices(matching path: JSONPath) -> [Int] {
        var current = [0]
        for step in path.steps {
            var next: [Int] = []
            for parent in current {
                var child = parent + 1
                while child < values[parent].end {
                    if let concrete = values[child].step, step.matches(concrete) { next.append(child) }
                    child = values[child].end
                }
            }
            current = next
        }
        return current
    }

    // MARK: - Parsing

    /// Parses one value and everything below it; recursion is bounded by `limits.depth`.
    private mutating func parseValue(
        _ scanner: inout JSONScanner,
        step: JSONPath.Step?,
        parent: Int,
        depth: Int,
        keySpan: Range<Int>?,
        limits: Limits
    ) throws(JSONParseError) {
        guard values.count < limits.valueCount else { throw scanner.error(.tooManyValues) }
        let index = values.count
        let start = scanner.position
        let kind = try scanner.kindOfNextValue()
        values.append(
            Value(
                kind: kind,
                step: step,
                parent: parent,
                depth: depth,
                keySpan: keySpan,
                valueSpan: start..<start,
                end: index + 1
            )
        )
        switch kind {
        case .object, .array:
            guard depth < limits.depth else { throw scanner.error(.tooDeep) }
            if kind == .object {
                try parseMembers(&scanner, of: index, depth: depth, limits: limits)
            } else {
                try parseElements(&scanner, of: index, depth: depth, limits: limits)
            }
        case .string: _ = try scanner.takeString(decoding: false)
        case .number: try scanner.takeNumber()
        case .boolean, .null: try scanner.takeLiteral()
        }
        values[index].valueSpan = start..<scanner.position
        values[index].end = values.count
    }

    private mutating func parseMembers(
        _ scanner: inout JSONScanner,
        of object: Int,
        depth: Int,
        limits: Limits
    ) throws(JSONParseError) {
        var keys: Set<[UInt8]> = []
        try scanner.take(0x7b)
        try scanner.skipBlanks()
        if scanner.takeIfNext(0x7d) { return }
        while true {
            let keyStart = scanner.position
            let key = try scanner.takeString(decoding: true)
            guard keys.insert(key).inserted else { throw JSONParseError(reason: .duplicateKey, offset: keyStart) }
            let keySpan = keyStart..<scanner.position
            try scanner.skipBlanks()
            try scanner.take(0x3a)
            try scanner.skipBlanks()
            try parseValue(
                &scanner,
                step: .key(String(decoding: key, as: UTF8.self)),
                parent: object,
                depth: depth + 1,
                keySpan: keySpan,
                limits: limits
            )
            try scanner.skipBlanks()
            if scanner.takeIfNext(0x7d) { return }
            try scanner.take(0x2c)
            try scanner.skipBlanks()
        }
    }

    private mutating func parseElements(
        _ scanner: inout JSONScanner,
        of array: Int,
        depth: Int,
        limits: Limits
    ) throws(JSONParseError) {
        var count = 0
        try scanner.take(0x5b)
        try scanner.skipBlanks()
        if scanner.takeIfNext(0x5d) { return }
        while true {
            try parseValue(
                &scanner,
                step: .index(count),
                parent: array,
                depth: depth + 1,
                keySpan: nil,
                limits: limits
            )
            count += 1
            try scanner.skipBlanks()
            if scanner.takeIfNext(0x5d) { return }
            try scanner.take(0x2c)
            try scanner.skipBlanks()
        }
    }
}
