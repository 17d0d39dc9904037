/**
 * A simulated Action Cable server, in a process of its own: cheap, so that it leaves the machine to
 * the bridge, and honest, so that its own cost is a yardstick. One thread; buffers are shared; a
 * client that doesn't read costs nothing and stops nobody.
 */
package cablestream.bench.server;
