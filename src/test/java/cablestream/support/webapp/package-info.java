/** The web application with its web.xml, in containers in the test's own process. */
package cablestream.support.webapp;
