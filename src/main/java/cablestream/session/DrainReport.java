package cablestream.session;

/**
 * What a drain did.
 *
 * @param sessions how many were ended
 * @param aborted how many of them still had a listener when time was up
 * @param milliseconds how long it took
 */
public record DrainReport(int sessions, int aborted, long milliseconds) {}
