package cablestream.bench.lab;

import org.HdrHistogram.Histogram;

/**
 * The outcome of sending.
 *
 * @param events the number received
 * @param seconds from the time when the first one was due to the reading of the last one
 * @param bridgeCpu seconds; NaN if the process is unknown
 * @param serverCpu seconds of the simulated server
 * @param latencies from due to read, nanoseconds
 */
record RoundOutcome(
    long events,
    double seconds,
    double bridgeCpu,
    double serverCpu,
    double loadCpu,
    Histogram latencies,
    FaultCounts faults) {

  double throughput() {
    return events / seconds;
  }

  /** Microseconds of the bridge's CPU per event. */
  double bridgeMicros() {
    return bridgeCpu * 1e6 / events;
  }

  double serverMicros() {
    return serverCpu * 1e6 / events;
  }

  /** The percentile of all latencies, in milliseconds. */
  double latencyMillis(double percent) {
    return latencies.getValueAtPercentile(percent) / 1e6;
  }

  /** Adds the figures that each scenario shows. */
  Measurement noteIn(Measurement measurement) {
    measurement
        .value("events", events)
        .value("throughput /s", throughput())
        .value("bridge CPU µs/event", bridgeMicros())
        .value("server CPU µs/event", serverMicros())
        .value("load CPU µs/event", loadCpu * 1e6 / events);
    faults.noteIn(measurement);
    return measurement;
  }

  /** Adds the latencies as well. */
  Measurement noteLatenciesIn(Measurement measurement) {
    return noteIn(measurement)
        .value("p50 ms", latencyMillis(50))
        .value("p90 ms", latencyMillis(90))
        .value("p99 ms", latencyMillis(99))
        .value("p99.9 ms", latencyMillis(99.9))
        .value("max ms", latencies.getMaxValue() / 1e6)
        .latencies(latencies);
  }

  /**
   * Adds a point of a curve.
   *
   * @param at the number or the size
   */
  void notePointIn(Measurement measurement, Target target, int at) {
    double micros = target.isDirect() ? serverMicros() : bridgeMicros();
    measurement.point("CPU µs/event", at, micros);
    measurement.point("p50 ms", at, latencyMillis(50));
    measurement.point("p99 ms", at, latencyMillis(99));
    measurement.value("CPU µs/event at " + at, micros);
    measurement.value("p99 ms at " + at, latencyMillis(99));
    faults.noteIn(measurement);
  }
}
