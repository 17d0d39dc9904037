package cablestream.support.wire;

/**
 * The address of a bridge: its own, or that of a proxy in front of it.
 *
 * @param port on the loopback address
 * @param path where the WAR is deployed, without a slash at its end
 */
public record Site(int port, String path) {}
