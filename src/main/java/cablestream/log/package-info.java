/**
 * What was sent down: events, encoded once, in a bounded log, and the ids by which a listener
 * resumes. It knows nothing of sessions; each log is used inside one session's mailbox.
 */
package cablestream.log;
