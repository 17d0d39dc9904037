/** The state of a process after a long series of the faults that operators fear. */
package cablestream.bench.soak;
