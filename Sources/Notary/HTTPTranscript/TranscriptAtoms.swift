/// A natural part of a transcript with the label that names it.
package struct TranscriptAtom: Sendable, Hashable {
    /// The selector text that names it, such as `response.header:content-type`.
    package let label: String
    /// Its bytes.
    package let spans: SpanSet
}

extension AnnotatedTranscript {
    /// The most JSON parts that get an atom of their own unless the caller says otherwise.
    package static let defaultLeafLimit = 256

    var jsonStructureLabel: String { "\(direction.messageName).json-structure" }

    /// The natural parts of the transcript: start line, each header, each JSON leaf, and the rest.
    ///
    /// They are disjoint and cover every byte. All white space, punctuation and container keys between JSON leaves
    /// form one atom, and all framing forms one: a commitment to them costs the same however often they are
    /// interrupted. If the document has more than `leafLimit` leaves, the deepest containers stay whole.
    package func atoms(leafLimit: Int = AnnotatedTranscript.defaultLeafLimit) -> [TranscriptAtom] {
        let name = direction.messageName
        guard let message else {
            return bytes.isEmpty ? [] : [TranscriptAtom(label: direction.rawValue, spans: SpanSet(bytes.indices))]
        }
        var atoms = message.interim.map { TranscriptAtom(label: "\(name).interim", spans: SpanSet($0.span)) }
        let startLabel = direction == .sent ? "\(name).line" : "\(name).status"
        atoms.append(TranscriptAtom(label: startLabel, spans: SpanSet(message.startLineSpan)))
        for field in message.fields {
            atoms.append(TranscriptAtom(label: "\(name).header:\(field.name)", spans: SpanSet(field.lineSpan)))
        }
        let framing = SpanSet([message.headEnd] + message.framingSpans)
        atoms.append(TranscriptAtom(label: "\(name).framing", spans: framing))
        atoms += bodyAtoms(message, leafLimit: leafLimit)
        for field in message.trailers {
            atoms.append(TranscriptAtom(label: "\(name).header:\(field.name)", spans: SpanSet(field.lineSpan)))
        }
        return atoms
    }

    private func bodyAtoms(_ message: HTTPMessage, leafLimit: Int) -> [TranscriptAtom] {
        guard !message.bodyPieces.isEmpty else { return [] }
        let bodyCount = message.bodyPieces.reduce(0) { $0 + $1.count }
        guard let document else {
            let label = "\(direction.messageName).body"
            return [TranscriptAtom(label: label, spans: transcriptSpans(ofBody: 0..<bodyCount))]
        }
        var atoms: [TranscriptAtom] = []
        var structure: [Range<Int>] = []
        var covered = 0
        for index in document.units(atMost: leafLimit) {
            let span = document.values[index].memberSpan
            structure.append(covered..<span.lowerBound)
            covered = span.upperBound
            let label = "\(direction.messageName).json:\(document.path(of: index))"
            atoms.append(TranscriptAtom(label: label, spans: transcriptSpans(ofBody: span)))
        }
        structure.append(covered..<bodyCount)
        let spans = SpanSet(structure.flatMap { transcriptSpans(ofBody: $0).ranges })
        if !spans.isEmpty { atoms.append(TranscriptAtom(label: jsonStructureLabel, spans: spans)) }
        return atoms
    }
}

extension JSONDocument {
    /// Values that together hold every leaf, disjoint and in the order of the text; at most `limit`, at least one.
    ///
    /// They are the leaves themselves if there are few enough; else everything below some depth stays together.
    func units(atMost limit: Int) -> [Int] {
        var leaves: [Int] = []
        var containers: [Int] = []
        for (index, value) in values.enumerated() {
            while leaves.count <= value.depth {
                leaves.append(0)
                containers.append(0)
            }
            if isLeaf(index) { leaves[value.depth] += 1 } else { containers[value.depth] += 1 }
        }
        var cut = 0
        var leavesAbove = 0
        for depth in leaves.indices {
            leavesAbove += leaves[depth]
            if leavesAbove + containers[depth] <= limit { cut = depth }
        }
        return values.indices.filter { values[$0].depth == cut || (values[$0].depth < cut && isLeaf($0)) }
    }
}
