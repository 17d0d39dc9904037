/**
 * What a session speaks: the classic API's channels or a tunnel's frames, and how commands are
 * carried out once each. All of it runs inside the session's mailbox.
 */
package cablestream.protocol;
