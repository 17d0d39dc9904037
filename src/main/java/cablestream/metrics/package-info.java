/**
 * What the bridge counts, in Prometheus' terms. The only user of Prometheus' library; it hears of
 * everything through {@link cablestream.environment.Observer}.
 */
package cablestream.metrics;
