/// Shows a partly disclosed transcript to people, with every redaction visible.
///
/// The bytes come from a server that may want to deceive the reader. So every control, formatting, bidirectional or
/// invisible character is escaped, what looks like the character that marks redactions is escaped where the server
/// wrote it, and every line begins with a margin and ends before a terminal would break it, so that no text of the
/// server can pass for words of the verifier.
package struct TranscriptRendering: Sendable {
    /// Consecutive bytes that are disclosed.
    package struct Piece: Sendable, Hashable {
        /// Where they begin in the direction.
        package let offset: Int
        /// The bytes.
        package let bytes: [UInt8]

        /// Creates a piece.
        package init(offset: Int, bytes: [UInt8]) {
            self.offset = offset
            self.bytes = bytes
        }
    }

    /// The pieces overlap, are out of order, or go beyond the transcript.
    package struct InvalidPieces: Error, Sendable, Hashable {}

    /// Up to how many hidden bytes are drawn one by one.
    package static let drawnLimit = 16

    private static let block: Unicode.Scalar = "\u{2588}"
    /// Marks over one scalar: more than any language uses would reach into other lines.
    private static let markCountMax = 4

    private let byteCount: Int
    private let pieces: [Piece]

    /// A rendering of a direction with `byteCount` bytes of which `pieces` (in order, disjoint) are disclosed.
    package init(byteCount: Int, pieces: [Piece]) throws(InvalidPieces) {
        var end = 0
        for piece in pieces {
            guard piece.offset >= end, piece.offset <= byteCount, piece.bytes.count <= byteCount - piece.offset else {
                throw InvalidPieces()
            }
            end = piece.offset + piece.bytes.count
        }
        self.byteCount = byteCount
        self.pieces = pieces
    }

    /// A rendering of those bytes of a known transcript that are in `disclosed`; other positions are ignored.
    package init(_ bytes: [UInt8], disclosing disclosed: SpanSet) {
        byteCount = bytes.count
        pieces = disclosed.intersection(SpanSet(bytes.indices)).ranges.map {
            Piece(offset: $0.lowerBound, bytes: Array(bytes[$0]))
        }
    }

    /// The transcript as lines without margin; shows at most `limit` disclosed bytes and says how many it leaves out.
    package func lines(limit: Int = Int.max) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var position = 0
        var budget = limit
        for piece in pieces where !piece.bytes.isEmpty {
            Self.appendHidden(piece.offset - position, to: &line)
            let shown = min(piece.bytes.count, budget)
            Self.append(piece.bytes, count: shown, to: &line, lines: &lines)
            budget -= shown
            position = piece.offset + shown
            if shown < piece.bytes.count { break }
        }
        if budget == 0, position < byteCount {
            line.append(Self.block)
            line.append(contentsOf: "[… \(byteCount - position) further bytes not shown]".unicodeScalars)
            line.append(Self.block)
        } else {
            Self.appendHidden(byteCount - position, to: &line)
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines
    }

    /// The transcript as text, each line after `margin`.
    ///
    /// Lines that are longer go on after `continuation`: a terminal would begin its next line with text of the server.
    package func text(
        margin: String = "  │ ",
        continuation: String = "  ┊ ",
        columns: Int = 80,
        limit: Int = Int.max
    ) -> String {
        lines(limit: limit).flatMap { line in
            Self.wrapped(line, columns: columns - Self.columnCount(margin)).enumerated().map {
                ($0.offset == 0 ? margin : continuation) + $0.element + "\n"
            }
        }.joined()
    }

    /// A line in parts of at most so many columns, at least one part.
    ///
    /// Whatever is not ASCII may be drawn two columns wide, spacing marks included.
    package static func wrapped(_ line: String, columns: Int) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var width = 0
        // A scalar and the marks over it stay together: marks at a line's start would change the margin.
        var cluster = String.UnicodeScalarView()
        var clusterWidth = 0
        func endCluster() {
            if width + clusterWidth > columns, !part.isEmpty {
                parts.append(String(part))
                part = String.UnicodeScalarView()
                width = 0
            }
            part.append(contentsOf: cluster)
            width += clusterWidth
            cluster = String.UnicodeScalarView()
            clusterWidth = 0
        }
        for scalar in line.unicodeScalars {
            let isMark = UTF8Scalar.isMark(scalar)
            if !isMark { endCluster() }
            cluster.append(scalar)
            let takesPlace = !isMark || scalar.properties.generalCategory == .spacingMark
            clusterWidth += scalar.isASCII ? 1 : takesPlace ? 2 : 0
        }
        endCluster()
        return parts + [String(part)]
    }

    private static func columnCount(_ text: String) -> Int { text.unicodeScalars.count }

    /// One line of foreign text with everything escaped that could act on a terminal, line breaks included.
    package static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var marksLeft = 0
        for scalar in text.unicodeScalars {
            append(scalar, to: &result, marksLeft: &marksLeft)
        }
        return String(result)
    }

    /// Appends a scalar, escaped unless it is harmless.
    ///
    /// - Parameter marksLeft: How many more marks may be drawn over the last scalar; none over what is not foreign text.
    private static func append(
        _ scalar: Unicode.Scalar,
        to line: inout String.UnicodeScalarView,
        marksLeft: inout Int
    ) {
        let isMark = UTF8Scalar.isMark(scalar)
        guard UTF8Scalar.isPrintable(scalar), !UTF8Scalar.looksLikeBlock(scalar), !isMark || marksLeft > 0 else {
            line.append(contentsOf: UTF8Scalar.escape(scalar).unicodeScalars)
            marksLeft = 0
            return
        }
        line.append(scalar)
        marksLeft = isMark ? marksLeft - 1 : markCountMax
    }

    private static func appendHidden(_ count: Int, to line: inout String.UnicodeScalarView) {
        guard count > 0 else { return }
        if count <= drawnLimit {
            for _ in 0..<count { line.append(block) }
        } else {
            line.append(block)
            line.append(contentsOf: "[… \(count) bytes hidden]".unicodeScalars)
            line.append(block)
        }
    }

    private static func append(
        _ bytes: [UInt8],
        count: Int,
        to line: inout String.UnicodeScalarView,
        lines: inout [String]
    ) {
        var index = 0
        var marksLeft = 0
        while index < count {
            guard let (scalar, length) = UTF8Scalar.decode(bytes, at: index, end: count) else {
                let digits = String(bytes[index], radix: 16)
                line.append(contentsOf: ("\\x" + (digits.count < 2 ? "0" : "") + digits).unicodeScalars)
                index += 1
                marksLeft = 0
                continue
            }
            let endsLine = scalar == "\r" && index + 1 < count && bytes[index + 1] == 0x0a
            switch scalar {
            case "\r" where endsLine:
                break
            case "\n":
                lines.append(String(line))
                line = String.UnicodeScalarView()
                marksLeft = 0
            case "\t":
                line.append(contentsOf: "\\t".unicodeScalars)
                marksLeft = 0
            default:
                append(scalar, to: &line, marksLeft: &marksLeft)
            }
            index += length
        }
    }
}
