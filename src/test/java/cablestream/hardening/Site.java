package cablestream.hardening;

/**
 * Where a bridge is reached: its own address, or that of a proxy before it.
 *
 * @param port on the loopback address
 * @param path where the WAR is deployed; it ends without a slash
 */
record Site(int port, String path) {}
