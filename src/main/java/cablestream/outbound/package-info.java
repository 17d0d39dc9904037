/** The bridge's own HTTP requests to other servers, whose responses it doesn't trust. */
package cablestream.outbound;
