/**
 * The protocol between the driver and its child processes: one line per order and one per response,
 * over standard input and output, so that no child outlives the driver.
 */
package cablestream.bench.control;
