/**
 * HTTP as bytes on a socket, for tests that care about every header, and about the moment at which
 * a byte arrives.
 */
package cablestream.support.wire;
