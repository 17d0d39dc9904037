/**
 * What the bridge counts, in Prometheus' terms. The only user of Prometheus' library; it hears of
 * everything through {@link cablestream.session.Observer}.
 */
package cablestream.metrics;
