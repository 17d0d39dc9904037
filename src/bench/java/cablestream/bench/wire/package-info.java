/**
 * Common to both ends of the wire: a selector loop, parsers of WebSocket frames, HTTP and SSE, and
 * the numbered, timed message that is sent. Without libraries, so that the bridge is measured and
 * not they.
 */
package cablestream.bench.wire;
