import Dispatch
import Synchronization

/// Runs asynchronous code to its end on the thread that asks for it.
///
/// X509's verifier is asynchronous because a policy may ask the network (OCSP); ours never does. The engine's sessions
/// compute on threads of their own and want a plain answer. Waiting there for a task on the cooperative pool would
/// work until all of its few threads wait for one another; a task executor that gives every job back to the waiting
/// thread needs no thread of the pool at all, so this may be called from anywhere.
final class CallingThreadExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        arrivals.signal()
    }

    /// What `operation` returns; its jobs run here, and the thread sleeps only while there are none.
    static func run<Value: Sendable>(_ operation: @Sendable @escaping () async -> Value) -> Value {
        let executor = CallingThreadExecutor()
        return withExtendedLifetime(executor) {
            let outcome = Outcome<Value>()
            Task(executorPreference: executor) {
                outcome.store(await operation())
            }
            while true {
                if let value = outcome.value { return value }
                executor.runNextJob()
            }
        }
    }

    private func runNextJob() {
        arrivals.wait()
        let job = jobs.withLock { $0.removeFirst() }
        job.runSynchronously(on: asUnownedTaskExecutor())
    }
}

/// Carries the result out of the task.
private final class Outcome<Value: Sendable>: Sendable {
    private let storage = Mutex<Value?>(nil)

    var value: Value? { storage.withLock { $0 } }

    func store(_ value: Value) {
        storage.withLock { $0 = value }
    }
}
