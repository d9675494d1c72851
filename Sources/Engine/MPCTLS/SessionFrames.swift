package import PartyChannel

/// The frames of the MPC-TLS protocol, in the order of their first use; docs/engine.md tells what each carries.
package enum SessionFrame {
    package static let parameters = FrameTag(rawValue: 300)
    package static let acceptance = FrameTag(rawValue: 301)
    package static let tables = FrameTag(rawValue: 302)
    package static let openings = FrameTag(rawValue: 303)
    package static let masks = FrameTag(rawValue: 304)
    package static let ready = FrameTag(rawValue: 305)
    package static let keyExchange = FrameTag(rawValue: 310)
    package static let keyExchangeReply = FrameTag(rawValue: 311)
    package static let slope = FrameTag(rawValue: 312)
    package static let slopeReply = FrameTag(rawValue: 313)
    package static let shareCommitment = FrameTag(rawValue: 314)
    package static let labels = FrameTag(rawValue: 320)
    package static let colours = FrameTag(rawValue: 321)
    package static let finishedRecord = FrameTag(rawValue: 330)
    package static let finishedTag = FrameTag(rawValue: 331)
    package static let requestRecord = FrameTag(rawValue: 332)
    package static let requestTag = FrameTag(rawValue: 333)
    package static let close = FrameTag(rawValue: 340)
    package static let opening = FrameTag(rawValue: 341)
    package static let plan = FrameTag(rawValue: 342)
    package static let proof = FrameTag(rawValue: 350)
    package static let challenge = FrameTag(rawValue: 351)
    package static let finalProof = FrameTag(rawValue: 352)
}
