/**
 * A small Action Cable server for {@code java -jar cablestream.war --demo}, {@code mvn jetty:run}
 * and tests: on the wire it behaves as Rails' own does, its channels are there to be played with.
 * Beside it is a page that pulls the plug, and the {@link Hop} whose network fails for it. In the
 * WAR it lies under WEB-INF/standalone; a bridge that isn't a demonstration loads none of it.
 */
package cablestream.standalone.demo;
