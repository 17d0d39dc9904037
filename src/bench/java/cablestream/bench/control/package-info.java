/**
 * How the driver speaks to its child processes: one line asked, one line answered, over their
 * standard input and output, so that none outlives the driver.
 */
package cablestream.bench.control;
