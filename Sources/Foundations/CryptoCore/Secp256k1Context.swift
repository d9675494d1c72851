internal import CSecp256k1
internal import Glibc

/// The one libsecp256k1 context of the process.
///
/// Blinded once with fresh randomness, as the library advises against side channels, and only read afterwards;
/// libsecp256k1 documents concurrent reads of a context as safe. The blinding never changes a result.
enum Secp256k1Context {
    nonisolated(unsafe) static let shared: OpaquePointer = {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            // The library calls its abort handler before it would return null.
            preconditionFailure("libsecp256k1 gave no context")
        }
        var seed = [UInt8](repeating: 0, count: 32)
        if getentropy(&seed, seed.count) == 0 {
            _ = secp256k1_context_randomize(context, seed)
        }
        explicit_bzero(&seed, seed.count)
        return context
    }()
}
