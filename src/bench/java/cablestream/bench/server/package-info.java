/**
 * A simulated Action Cable server, in a process of its own: cheap, so that it leaves the machine to
 * the bridge, and regular, so that its own cost is a baseline. One thread; buffers are shared; a
 * client that doesn't read costs nothing and delays no other.
 */
package cablestream.bench.server;
