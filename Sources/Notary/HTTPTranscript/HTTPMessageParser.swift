/// Reads one HTTP/1.1 message from a growing transcript and remembers where everything is (RFC 9112).
///
/// A value without I/O: append bytes as they arrive, ask `isComplete`, and `finish` when the connection has ended.
/// How the bytes are cut into calls makes no difference. After an error every further call throws the same error.
package struct HTTPMessageParser: Sendable {
    /// Which kind of message is read.
    package enum Kind: Sendable, Hashable {
        /// A request.
        case request
        /// The response to a request with this method; the answer to `HEAD` has no body.
        case response(toMethod: String)
    }

    private enum State: Sendable {
        case startLine
        case fields
        case fixedBody(end: Int)
        case chunkSize
        case chunkData(end: Int)
        case chunkEnd
        case trailers(start: Int)
        case untilClose(start: Int)
        case complete
    }

    private let kind: Kind
    private let limits: HTTPLimits
    private var bytes: [UInt8] = []
    private var state = State.startLine
    private var failure: HTTPParseError?
    /// Everything before this position has been understood.
    private var position = 0
    /// Everything between `position` and this has been searched for a line end.
    private var searched = 0
    private var headStart = 0

    private var interim: [HTTPMessage.Interim] = []
    private var start: ParsedStartLine?
    private var fields: [HTTPField] = []
    private var headEnd = 0..<0
    private var framing = HTTPMessage.Framing.none
    private var bodyPieces: [Range<Int>] = []
    private var framingSpans: [Range<Int>] = []
    private var trailers: [HTTPField] = []

    /// A parser at the start of a transcript.
    package init(_ kind: Kind, limits: HTTPLimits = HTTPLimits()) {
        self.kind = kind
        self.limits = limits
    }

    /// Parses a whole transcript; `authenticatedClose` says that a close_notify alert ended it.
    package static func parse(
        _ bytes: [UInt8],
        as kind: Kind,
        authenticatedClose: Bool = false,
        limits: HTTPLimits = HTTPLimits()
    ) throws(HTTPParseError) -> HTTPMessage {
        var parser = HTTPMessageParser(kind, limits: limits)
        try parser.append(bytes)
        return try parser.finish(authenticatedClose: authenticatedClose)
    }

    /// Whether the message is complete by its own framing, so that no further byte is awaited.
    package var isComplete: Bool {
        if case .complete = state { return failure == nil }
        return false
    }

    /// Whether the head of the final message has been read.
    package var hasHead: Bool { !headEnd.isEmpty }

    /// The status code of the final response, once its head has been read.
    package var statusCode: Int? { hasHead ? start?.statusCode : nil }

    /// Takes further bytes of the transcript.
    package mutating func append(_ more: some Sequence<UInt8>) throws(HTTPParseError) {
        if let failure { throw failure }
        bytes.append(contentsOf: more)
        do throws(HTTPParseError) {
            guard bytes.count <= limits.messageBytes else {
                throw HTTPParseError(.tooLarge("\(limits.messageBytes) bytes in a message"), at: limits.messageBytes)
            }
            while try step() {}
        } catch {
            failure = error
            throw error
        }
    }

    /// The message, when no further bytes will come; an unfinished body gives a message that is not complete.
    package func finish(authenticatedClose: Bool) throws(HTTPParseError) -> HTTPMessage {
        if let failure { throw failure }
        guard let start, hasHead else { throw HTTPParseError(.truncatedHead, at: bytes.count) }
        var pieces = bodyPieces
        var framingSpans = framingSpans
        var complete = false
        switch state {
        case .complete:
            complete = true
        case .untilClose(let start):
            if start < bytes.count { pieces.append(start..<bytes.count) }
            complete = authenticatedClose
        case .fixedBody, .chunkData:
            if position < bytes.count { pieces.append(position..<bytes.count) }
        case .chunkSize, .chunkEnd, .trailers, .startLine, .fields:
            if position < bytes.count { framingSpans.append(position..<bytes.count) }
        }
        return HTTPMessage(
            bytes: bytes,
            direction: kind == .request ? .sent : .received,
            interim: interim,
            startLine: start.parts,
            startLineSpan: start.span,
            statusCode: start.statusCode,
            fields: fields,
            headEnd: headEnd,
            framing: framing,
            bodyPieces: pieces,
            framingSpans: framingSpans,
            trailers: trailers,
            isComplete: complete
        )
    }

    // MARK: - Steps

    /// Understands one more element; false if more bytes are needed first.
    private mutating func step() throws(HTTPParseError) -> Bool {
        switch state {
        case .startLine:
            guard let line = try takeLine(limit: limits.lineBytes, name: "bytes in a line") else { return false }
            start = try ParsedStartLine.parse(bytes, line: line, request: kind == .request)
            state = .fields
            return true
        case .fields:
            return try takeField()
        case .fixedBody(let end), .chunkData(let end):
            guard bytes.count >= end else { return false }
            if position < end { bodyPieces.append(position..<end) }
            position = end
            searched = end
            if case .chunkData = state {
                state = .chunkEnd
            } else {
                state = .complete
            }
            return true
        case .chunkSize:
            return try takeChunkSize()
        case .chunkEnd:
            if bytes.count > position, bytes[position] != 0x0d {
                throw HTTPParseError(.malformedChunkEnd, at: position)
            }
            guard bytes.count >= position + 2 else { return false }
            guard bytes[position + 1] == 0x0a else { throw HTTPParseError(.malformedChunkEnd, at: position) }
            framingSpans.append(position..<position + 2)
            position += 2
            searched = position
            state = .chunkSize
            return true
        case .trailers(let start):
            return try takeTrailer(start: start)
        case .untilClose:
            return false
        case .complete:
            guard position == bytes.count else { throw HTTPParseError(.surplusBytes, at: position) }
            return false
        }
    }

    /// The next line without its CRLF, and moves behind it; nil if its end has not arrived yet.
    private mutating func takeLine(limit: Int, name: String) throws(HTTPParseError) -> Range<Int>? {
        let lineStart = position
        while searched < bytes.count {
            let index = searched
            guard index - lineStart < limit else { throw HTTPParseError(.tooLarge("\(limit) \(name)"), at: lineStart) }
            if bytes[index] == 0x0a {
                guard index > lineStart, bytes[index - 1] == 0x0d else {
                    throw HTTPParseError(.bareLineBreak, at: index)
                }
                position = index + 1
                searched = position
                return lineStart..<index - 1
            }
            if index > lineStart, bytes[index - 1] == 0x0d { throw HTTPParseError(.bareLineBreak, at: index - 1) }
            searched += 1
        }
        return nil
    }

    private mutating func takeField() throws(HTTPParseError) -> Bool {
        let lineStart = position
        guard let line = try takeLine(limit: limits.lineBytes, name: "bytes in a line") else {
            try checkHead(bytes.count)
            return false
        }
        try checkHead(position)
        if line.isEmpty {
            headEnd = lineStart..<position
            try endHead()
            return true
        }
        guard fields.count < limits.fieldCount else {
            throw HTTPParseError(.tooLarge("\(limits.fieldCount) header fields"), at: lineStart)
        }
        let field = try HTTPField.parse(bytes, line: line)
        try refuseRepetition(of: field, among: fields)
        fields.append(field)
        return true
    }

    private func checkHead(_ end: Int) throws(HTTPParseError) {
        guard end - headStart <= limits.headBytes else {
            throw HTTPParseError(.tooLarge("\(limits.headBytes) bytes in a head"), at: headStart)
        }
    }

    private func refuseRepetition(of field: HTTPField, among others: [HTTPField]) throws(HTTPParseError) {
        guard HTTPField.singletons.contains(field.name) else { return }
        if others.contains(where: { $0.name == field.name }) {
            throw HTTPParseError(.repeatedField(name: field.name), at: field.lineSpan.lowerBound)
        }
    }

    private mutating func endHead() throws(HTTPParseError) {
        guard let start else { return }
        if let code = start.statusCode, code < 200 {
            guard code != 101 else { throw HTTPParseError(.protocolSwitch, at: headStart) }
            guard interim.count < limits.interimCount else {
                throw HTTPParseError(.tooLarge("\(limits.interimCount) interim responses"), at: headStart)
            }
            if let field = fields.first(where: { $0.name == "content-length" || $0.name == "transfer-encoding" }) {
                throw HTTPParseError(.unexpectedBody, at: field.lineSpan.lowerBound)
            }
            interim.append(.init(statusCode: code, span: headStart..<position, fields: fields))
            headStart = position
            fields = []
            headEnd = 0..<0
            self.start = nil
            state = .startLine
            return
        }
        framing = try BodyFraming.decide(bytes, kind: kind, start: start, fields: fields, headEnd: headEnd.lowerBound)
        switch framing {
        case .none: state = .complete
        case .contentLength(let count):
            guard count <= limits.messageBytes - position else {
                throw HTTPParseError(.tooLarge("\(limits.messageBytes) bytes in a message"), at: headStart)
            }
            state = .fixedBody(end: position + count)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose(start: position)
        }
    }

    private mutating func takeChunkSize() throws(HTTPParseError) -> Bool {
        let lineStart = position
        guard let line = try takeLine(limit: limits.chunkLineBytes, name: "bytes in a chunk header") else {
            return false
        }
        let size = try BodyFraming.chunkSize(bytes, line: line)
        framingSpans.append(lineStart..<position)
        guard size > 0 else {
            state = .trailers(start: position)
            return true
        }
        guard framingSpans.count / 2 < limits.chunkCount else {
            throw HTTPParseError(.tooLarge("\(limits.chunkCount) chunks"), at: lineStart)
        }
        guard size <= limits.messageBytes - position else {
            throw HTTPParseError(.tooLarge("\(limits.messageBytes) bytes in a message"), at: lineStart)
        }
        state = .chunkData(end: position + size)
        return true
    }

    private mutating func takeTrailer(start: Int) throws(HTTPParseError) -> Bool {
        let lineStart = position
        guard let line = try takeLine(limit: limits.lineBytes, name: "bytes in a line") else { return false }
        guard position - start <= limits.headBytes else {
            throw HTTPParseError(.tooLarge("\(limits.headBytes) bytes in trailers"), at: start)
        }
        if line.isEmpty {
            framingSpans.append(lineStart..<position)
            state = .complete
            return true
        }
        guard trailers.count < limits.fieldCount else {
            throw HTTPParseError(.tooLarge("\(limits.fieldCount) trailers"), at: lineStart)
        }
        let field = try HTTPField.parse(bytes, line: line)
        guard !HTTPField.forbiddenTrailers.contains(field.name) else {
            throw HTTPParseError(.forbiddenTrailer(name: field.name), at: lineStart)
        }
        trailers.append(field)
        return true
    }
}
