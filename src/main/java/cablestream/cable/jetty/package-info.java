/**
 * Dials with Jetty's WebSocket client, and reads its frames. Only this package uses Jetty's client;
 * others use {@link cablestream.cable.CableSocket}.
 */
package cablestream.cable.jetty;
