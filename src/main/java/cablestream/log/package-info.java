/**
 * What is sent to browsers: events, encoded once, in a bounded log, and the ids by which a listener
 * resumes. This package doesn't depend on sessions; each log is used inside one session's mailbox.
 */
package cablestream.log;
