/**
 * Checks of shared state in one interleaving after another; the scenarios are the {@code
 * *Interleavings} beside the classes that they test.
 */
package cablestream.stress;
