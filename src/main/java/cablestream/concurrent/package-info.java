/**
 * How work is put on threads: a mailbox runs what belongs to one session one after the other,
 * timers call at a time, pools make the threads, and no fault ends those that everybody needs.
 */
package cablestream.concurrent;
