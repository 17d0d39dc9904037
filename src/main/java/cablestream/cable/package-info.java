/**
 * The side of the Action Cable server: the port {@link cablestream.cable.Cable}, the Action Cable
 * protocol behind it, and in {@code jetty} the WebSocket client.
 *
 * <pre>
 *   JettyCableSocket ──▶ CableLink ──▶ CableConnection ──▶ the session
 *   bytes, on demand     a CableFrame  CableState
 *                        of them       DialGate: whose turn it is to dial
 * </pre>
 *
 * A message stays on the thread that read it: its socket's thread scans it and then runs the
 * session's mailbox. A {@code CableConnection} outlives its sockets; each dial has a {@code
 * CableLink} of its own, which ignores events once it is abandoned. This package doesn't depend on
 * sessions.
 */
package cablestream.cable;
