internal import COpenSSL

/// Whether both byte strings are equal, in time that depends on their lengths only.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return CRYPTO_memcmp(a, b, a.count) == 0
}

/// Whether both lists hold equal blocks, in time that depends on their lengths only.
package func constantTimeEqual(_ a: [Block], _ b: [Block]) -> Bool {
    guard a.count == b.count else { return false }
    var difference = Block.zero
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference[0] | difference[1] == 0
}

/// Whether both blocks are equal, without a branch on their bits.
package func constantTimeEqual(_ a: Block, _ b: Block) -> Bool {
    let difference = a ^ b
    return difference[0] | difference[1] == 0
}
