/**
 * Dials with Jetty's WebSocket client, and reads what comes. Nothing else knows Jetty's client; to
 * the rest it is a {@link cablestream.cable.CableSocket} and a {@link
 * cablestream.cable.Cable.Dialer}.
 */
package cablestream.cable.jetty;
