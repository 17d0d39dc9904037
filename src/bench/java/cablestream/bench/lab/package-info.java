/**
 * The driver: it starts the simulated server, the load generator and the bridges, has them carry
 * out the scenarios, and looks at their processes from outside.
 */
package cablestream.bench.lab;
