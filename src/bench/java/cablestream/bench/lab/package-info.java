/**
 * The driver: it starts the simulated server, the load generator and the bridges, makes them carry
 * out the scenarios, and observes their processes from outside.
 */
package cablestream.bench.lab;
