import CKernels
import Synchronization

/// The results of `body` with the processor's instructions and with the kernels' portable code.
///
/// Other tests that run meanwhile may see either path; both must give the same results, so that does not matter to them.
/// Two callers of this function exclude each other.
func onBothPaths<Result>(_ body: () -> Result) -> (accelerated: Result, portable: Result) {
    pathLock.withLock { _ in
        tab_cpu_use_portable(0)
        let accelerated = body()
        tab_cpu_use_portable(1)
        let portable = body()
        tab_cpu_use_portable(0)
        return (accelerated, portable)
    }
}

private let pathLock = Mutex(())
