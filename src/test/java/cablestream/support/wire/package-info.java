/**
 * HTTP as bytes on a socket, for tests that care about every header, and about the moment at which
 * a byte arrives; and a visitor, who sends what a browser would.
 */
package cablestream.support.wire;
