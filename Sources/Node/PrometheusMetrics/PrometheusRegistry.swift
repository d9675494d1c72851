package import CoreMetrics
internal import Synchronization

/// Collects what is measured through swift-metrics and prints it in Prometheus' text format 0.0.4.
///
/// Labels become names by replacing what Prometheus does not allow with `_`; counters end with `_total`, timers with
/// `_seconds`. A name with equal dimensions is one series, whoever makes it, and lives as long as the registry. Cost of
/// a measurement: one uncontended lock.
package final class PrometheusRegistry: MetricsFactory {
    /// The most series; further ones are counted in `tabellion_metrics_dropped_series` and measure nothing.
    package static let seriesCountMax = 4_096

    private struct State {
        var families: [String: PrometheusFamily] = [:]
        var seriesCount = 0
        var droppedCount = 0
    }

    private let descriptions: [String: String]
    private let state = Mutex(State())

    /// A registry without series.
    ///
    /// - Parameter descriptions: the help of metrics by the labels that they are made with.
    package init(descriptions: [String: String] = [:]) {
        self.descriptions = descriptions
    }

    /// All series, families in alphabetical order, each with its help and type.
    package var text: String {
        let (families, droppedCount) = state.withLock { state in
            (state.families.sorted { $0.key < $1.key }, state.droppedCount)
        }
        var text = ""
        for (name, family) in families { family.write(name, to: &text) }
        text += "# TYPE tabellion_metrics_dropped_series gauge\ntabellion_metrics_dropped_series \(droppedCount)\n"
        return text
    }

    private func series(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: PrometheusFamily.Kind
    ) -> PrometheusSeries {
        let name = PrometheusName.metric(label, kind: kind)
        let labels = PrometheusName.labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? PrometheusFamily(kind: kind, help: descriptions[label])
            if family.kind == kind, let series = family.series[labels] { return series }
            // The same name as something else: it measures, but is not printed, because Prometheus refuses mixed types.
            guard family.kind == kind, state.seriesCount < Self.seriesCountMax else {
                state.droppedCount += 1
                return PrometheusSeries(kind: kind)
            }
            let series = PrometheusSeries(kind: kind)
            family.series[labels] = series
            state.families[name] = family
            state.seriesCount += 1
            return series
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram(.magnitudes) : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram(.durations))
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
