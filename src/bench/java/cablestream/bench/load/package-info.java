/**
 * The load generator, in a process of its own: thousands of clients on one thread, each of which
 * checks that it receives each of its messages once, in order, and with what latency.
 */
package cablestream.bench.load;
