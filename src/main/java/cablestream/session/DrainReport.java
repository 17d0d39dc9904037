package cablestream.session;

/**
 * The outcome of a drain.
 *
 * @param sessions the number of sessions that were ended
 * @param aborted how many of them still had a listener at the time limit
 * @param milliseconds the duration
 */
public record DrainReport(int sessions, int aborted, long milliseconds) {}
