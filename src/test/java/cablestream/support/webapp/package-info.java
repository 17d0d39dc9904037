/** The web application as web.xml describes it, in containers that run inside the test. */
package cablestream.support.webapp;
