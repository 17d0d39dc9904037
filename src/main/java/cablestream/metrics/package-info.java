/**
 * The bridge's metrics for Prometheus. The only package that uses Prometheus' library; {@link
 * cablestream.environment.Observer} reports what it counts.
 */
package cablestream.metrics;
