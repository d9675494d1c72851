internal import CKernels

extension Array where Element: BitwiseCopyable {
    /// Overwrites the elements in a way that the compiler may not drop; shared storage is copied first, so call it on the
    /// owner.
    mutating func wipe() {
        withUnsafeMutableBytes { memory in
            if let base = memory.baseAddress { tab_wipe(base, memory.count) }
        }
    }
}
