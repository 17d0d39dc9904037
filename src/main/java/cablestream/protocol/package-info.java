/**
 * The protocol of a session: the classic API's channels or a tunnel's frames, and how each command
 * is carried out once. All of it runs inside the session's mailbox.
 */
package cablestream.protocol;
