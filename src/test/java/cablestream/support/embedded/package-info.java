/** Servlet containers inside the test's own process, and a client that sees what they send. */
package cablestream.support.embedded;
