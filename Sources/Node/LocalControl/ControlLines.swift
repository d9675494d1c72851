internal import NIOCore

/// Cuts what arrives into lines of at most ``ControlRequest/lineByteCountMax`` bytes.
struct ControlLines: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    /// A channel whose inbound values are lines without their end; it can end its own lines and still read.
    static func wrap(_ channel: any Channel) throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(ControlLines(), maximumBufferSize: ControlRequest.lineByteCountMax + 1)
        )
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.readableBytesView.firstIndex(of: 0x0a).map({ $0 - buffer.readerIndex }),
            let line = buffer.readSlice(length: length)
        else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(wrapInboundOut(line))
        return .continue
    }
}
