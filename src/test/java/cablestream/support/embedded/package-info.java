/** Servlet containers inside the test's own process. */
package cablestream.support.embedded;
