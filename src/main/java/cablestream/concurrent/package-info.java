/**
 * Threads: mailboxes run the tasks of one session one after the other, timers start tasks later,
 * pools make the threads, and no fault ends a thread that all sessions need.
 */
package cablestream.concurrent;
