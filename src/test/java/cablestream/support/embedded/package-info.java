/** Servlet containers in the test's own process. */
package cablestream.support.embedded;
