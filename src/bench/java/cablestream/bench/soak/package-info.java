/** What a process looks like after a long time of all that an operator is afraid of. */
package cablestream.bench.soak;
