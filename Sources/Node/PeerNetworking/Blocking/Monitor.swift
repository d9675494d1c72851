internal import Glibc
package import PeerProtocols

/// A lock and a condition whose waits end by the monotonic clock, so that setting the wall clock disturbs no timeout.
///
/// `@unchecked Sendable`: the two POSIX objects are made for use by many threads, and are freed when nobody can hold
/// a reference any more.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiterCount = 0

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        let failures =
            pthread_mutex_init(mutex, nil) | pthread_condattr_init(&attributes)
            | pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) | pthread_cond_init(condition, &attributes)
        precondition(failures == 0, "the system has no memory for a lock")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` while no other thread is in the monitor, except those that wait.
    package func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Waits, inside ``withLock(_:)``, for ``wakeAll()`` or for `deadline`; false when the deadline has passed.
    package func wait(until deadline: MonotonicInstant?) -> Bool {
        waiterCount += 1
        defer { waiterCount -= 1 }
        guard let deadline else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        var time = timespec()
        time.tv_sec = Int(min(deadline.nanoseconds / 1_000_000_000, UInt64(Int32.max)))
        time.tv_nsec = Int(deadline.nanoseconds % 1_000_000_000)
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    /// Wakes every waiting thread; called inside ``withLock(_:)``.
    package func wakeAll() {
        if waiterCount > 0 { pthread_cond_broadcast(condition) }
    }
}

extension MonotonicInstant {
    /// The reading of the system's monotonic clock, which NIO's deadlines use too.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The moment `duration` from now, or nil for no duration.
    static func after(_ duration: Duration?) -> MonotonicInstant? {
        duration.map { now().advanced(by: $0) }
    }
}
