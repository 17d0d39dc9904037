package cablestream.support.wire;

/**
 * Where a bridge is reached: its own address, or that of a proxy before it.
 *
 * @param port on the loopback address
 * @param path where the WAR is deployed; it ends without a slash
 */
public record Site(int port, String path) {}
