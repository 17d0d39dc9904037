package cablestream.cluster;

/**
 * How the node that was asked first was reached.
 *
 * @param peer the address at the other end of its connection
 * @param scheme {@code http} or {@code https}
 */
public record Origin(String peer, String scheme) {}
