/**
 * Delivery from a session's log to its listeners: which are attached, what each has read, when to
 * write to which, and which are too slow. All of it runs inside the session's mailbox.
 */
package cablestream.delivery;
