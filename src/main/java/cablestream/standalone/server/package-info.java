/** The embedded Jetty of {@code java -jar cablestream.war}, under WEB-INF/standalone in the WAR. */
package cablestream.standalone.server;
