// A relying party imports this module alone: the types of its interface that lower targets declare come along.
@_exported public import struct CryptoCore.EthereumAddress
@_exported public import enum CryptoCore.EthereumAddressError
@_exported public import struct EthereumCodec.TypedData
@_exported public import enum EthereumCodec.TypedDataError
@_exported public import struct EthereumCodec.UInt256
