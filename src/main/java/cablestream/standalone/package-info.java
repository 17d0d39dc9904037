/**
 * {@code java -jar cablestream.war}. This package is at the WAR's root, where the virtual machine
 * looks for it, and depends on the JDK only: it unpacks the WAR and calls {@code server}, which is
 * below WEB-INF/standalone with Jetty. A servlet container loads none of it.
 */
package cablestream.standalone;
