/**
 * A small ActionCable server for {@code mvn jetty:run} and for tests: on the wire it behaves as
 * Rails' own does, its channels are there to be played with. It is never part of the WAR.
 */
package cablestream.demo;
