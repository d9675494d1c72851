import CoreMetrics
import PrometheusMetrics
import Testing

/// Metrics in Prometheus' text format.
@Suite struct PrometheusRegistryTests {
    private static func lines(_ registry: PrometheusRegistry) -> [String] {
        registry.text.split(separator: "\n").map(String.init)
    }

    @Test func eachKindIsPrintedWithItsType() {
        let registry = PrometheusRegistry(descriptions: ["sessions.ended": "Sessions\nby \\ outcome."])
        Counter(label: "sessions.ended", dimensions: [("outcome", "attested")], factory: registry).increment(by: 3)
        Counter(label: "sessions.ended", dimensions: [("outcome", "re\"fus\\ed\n")], factory: registry).increment()
        Meter(label: "peers", dimensions: [], factory: registry).set(7)
        FloatingPointCounter(label: "cpu.seconds", dimensions: [], factory: registry).increment(by: 0.25)
        #expect(
            Self.lines(registry) == [
                "# TYPE cpu_seconds_total counter",
                "cpu_seconds_total 0.25",
                "# TYPE peers gauge",
                "peers 7",
                "# HELP sessions_ended_total Sessions\\nby \\\\ outcome.",
                "# TYPE sessions_ended_total counter",
                "sessions_ended_total{outcome=\"attested\"} 3",
                "sessions_ended_total{outcome=\"re\\\"fus\\\\ed\\n\"} 1",
                "# TYPE tabellion_metrics_dropped_series gauge",
                "tabellion_metrics_dropped_series 0",
            ]
        )
    }

    @Test func aTimerIsAHistogramOfSeconds() {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "sync", dimensions: [("b", "2"), ("a", "1")], factory: registry)
        for milliseconds in [1, 40, 40, 700_000] { timer.recordMilliseconds(milliseconds) }
        let lines = Self.lines(registry)
        #expect(lines.contains("# TYPE sync_seconds histogram"))
        #expect(lines.contains("sync_seconds_bucket{a=\"1\",b=\"2\",le=\"0.001\"} 1"))
        #expect(lines.contains("sync_seconds_bucket{a=\"1\",b=\"2\",le=\"0.025\"} 1"))
        #expect(lines.contains("sync_seconds_bucket{a=\"1\",b=\"2\",le=\"0.05\"} 3"))
        #expect(lines.contains("sync_seconds_bucket{a=\"1\",b=\"2\",le=\"120\"} 3"))
        #expect(lines.contains("sync_seconds_bucket{a=\"1\",b=\"2\",le=\"+Inf\"} 4"))
        #expect(lines.contains("sync_seconds_count{a=\"1\",b=\"2\"} 4"))
        #expect(lines.contains { $0.hasPrefix("sync_seconds_sum{a=\"1\",b=\"2\"} 700.081") })
    }

    @Test func recordersAreHistogramsOrGauges() {
        let registry = PrometheusRegistry()
        let sizes = Recorder(label: "size", dimensions: [], aggregate: true, factory: registry)
        for size in [1, 1500, 2_000_000_000] { sizes.record(size) }
        let level = Gauge(label: "level", dimensions: [], factory: registry)
        level.record(5)
        level.record(2.5)
        let lines = Self.lines(registry)
        #expect(lines.contains("size_bucket{le=\"1\"} 1"))
        #expect(lines.contains("size_bucket{le=\"1000\"} 1"))
        #expect(lines.contains("size_bucket{le=\"10000\"} 2"))
        #expect(lines.contains("size_bucket{le=\"+Inf\"} 3"))
        #expect(lines.contains("level 2.5"))
    }

    @Test func theSameNameIsTheSameSeries() {
        let registry = PrometheusRegistry()
        for _ in 0..<3 { Counter(label: "x", dimensions: [("k", "v")], factory: registry).increment(by: 2) }
        #expect(Self.lines(registry).contains("x_total{k=\"v\"} 6"))
    }

    @Test func aNameOfTwoKindsIsPrintedAsTheFirst() {
        let registry = PrometheusRegistry()
        Meter(label: "x_total", dimensions: [], factory: registry).set(1)
        Counter(label: "x", dimensions: [], factory: registry).increment()
        let lines = Self.lines(registry)
        #expect(lines.filter { $0.hasPrefix("x_total") } == ["x_total 1"])
        #expect(lines.contains("tabellion_metrics_dropped_series 1"))
    }

    @Test func namesAreMadeValid() {
        let registry = PrometheusRegistry()
        Meter(label: "1 of ä", dimensions: [("a-b:c", "x")], factory: registry).set(-1)
        #expect(Self.lines(registry).contains("_1_of___{a_b_c=\"x\"} -1"))
    }

    @Test func oddNumbersChangeNothing() {
        let registry = PrometheusRegistry()
        let counter = FloatingPointCounter(label: "c", dimensions: [], factory: registry)
        for amount in [1, -5, .nan, .infinity] { counter.increment(by: amount) }
        let meter = Meter(label: "m", dimensions: [], factory: registry)
        meter.set(4.0)
        meter.set(Double.nan)
        meter.decrement(by: 1.5)
        let lines = Self.lines(registry)
        #expect(lines.contains("c_total 1"))
        #expect(lines.contains("m 2.5"))
    }

    @Test func seriesAreBounded() {
        let registry = PrometheusRegistry()
        for index in 0..<PrometheusRegistry.seriesCountMax + 10 {
            Counter(label: "c", dimensions: [("i", "\(index)")], factory: registry).increment()
        }
        let lines = Self.lines(registry)
        #expect(lines.count { $0.hasPrefix("c_total{") } == PrometheusRegistry.seriesCountMax)
        #expect(lines.contains("tabellion_metrics_dropped_series 10"))
    }
}
