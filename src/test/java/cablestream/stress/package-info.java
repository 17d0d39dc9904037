/**
 * What threads share is checked in one interleaving after another; the scenarios are the {@code
 * *Interleavings} beside what they are about.
 */
package cablestream.stress;
