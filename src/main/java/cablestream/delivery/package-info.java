/**
 * From a session's log to those who listen: who is attached, who has read how far, when to write to
 * whom, and who is too slow. All of it runs inside the session's mailbox.
 */
package cablestream.delivery;
