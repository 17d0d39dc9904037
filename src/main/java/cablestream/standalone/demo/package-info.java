/**
 * A small Action Cable server for {@code java -jar cablestream.war --demo}, {@code mvn jetty:run}
 * and tests: on the wire it behaves like Rails, with channels for experiments. It includes a page
 * with network faults, and the {@link Hop} that simulates them. In the WAR it is below
 * WEB-INF/standalone; a bridge that isn't a demonstration loads none of it.
 */
package cablestream.standalone.demo;
