/**
 * The load generator, in a process of its own: thousands of clients on one thread, each checking
 * that it gets each of its messages once and in order, and how late.
 */
package cablestream.bench.load;
