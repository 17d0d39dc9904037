/**
 * HTTP as bytes on a socket, for tests that depend on exact headers or on the moment at which a
 * byte arrives; and a visitor that sends what a browser would.
 */
package cablestream.support.wire;
