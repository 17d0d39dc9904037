/**
 * What both ends of the wire need: a selector loop, WebSocket frames, HTTP and SSE as they arrive,
 * and the numbered, timed message that travels. No library, so that what is measured is the bridge.
 */
package cablestream.bench.wire;
