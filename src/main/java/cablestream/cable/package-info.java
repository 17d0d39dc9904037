/**
 * The Action Cable server's side: the port {@link cablestream.cable.Cable}, the Action Cable
 * protocol behind it, and in {@code jetty} the WebSocket client that it is spoken through.
 *
 * <pre>
 *   JettyCableSocket ──▶ CableLink ──▶ CableConnection ──▶ the session
 *   bytes, on demand     a CableFrame  CableState, Dials
 *                        of them       DialGate: whose turn it is to dial
 * </pre>
 *
 * A message goes all the way on the thread that read it: its socket's thread scans it and then runs
 * the session's mailbox. A {@code CableConnection} outlives its sockets; each dial has a {@code
 * CableLink} of its own, which falls silent when it is given up. It knows no session.
 */
package cablestream.cable;
