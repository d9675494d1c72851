internal import CoreMetrics
internal import Synchronization

/// One series: what was measured under a name and labels.
final class PrometheusSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private let stored: Mutex<PrometheusValue>

    init(kind: PrometheusFamily.Kind) {
        stored = Mutex(PrometheusValue(kind: kind))
    }

    /// What it is now.
    var value: PrometheusValue { stored.withLock { $0 } }

    func increment(by amount: Int64) { stored.withLock { $0.add(Double(amount)) } }
    func increment(by amount: Double) { stored.withLock { $0.add(amount) } }
    func decrement(by amount: Double) { stored.withLock { $0.add(-amount) } }
    func set(_ value: Int64) { stored.withLock { $0.set(Double(value)) } }
    func set(_ value: Double) { stored.withLock { $0.set(value) } }
    func record(_ value: Int64) { stored.withLock { $0.record(Double(value)) } }
    func record(_ value: Double) { stored.withLock { $0.record(value) } }
    func recordNanoseconds(_ duration: Int64) { stored.withLock { $0.record(Double(duration) / 1e9) } }
    func reset() { stored.withLock { $0.set(0) } }
}
