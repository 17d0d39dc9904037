/**
 * The ActionCable server's side: implements the port {@link cablestream.session.Cable} over Jetty's
 * WebSocket client.
 *
 * <pre>
 *   JettyCableSocket ──▶ CableLink ──▶ CableConnection ──▶ the session
 *   bytes, on demand     CableFrame    CableState, Demand, ReconnectPolicy
 *                        finds parts   DialGate: whose turn it is to dial
 * </pre>
 *
 * A message goes all the way on the thread that read it: its socket's thread scans it and then runs
 * the session's mailbox. A {@code CableConnection} outlives its sockets; each dial has a {@code
 * CableLink} of its own, which falls silent when it is given up. Only the classes named Jetty… know
 * Jetty.
 */
package cablestream.cable;
