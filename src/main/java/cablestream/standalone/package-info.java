/**
 * {@code java -jar cablestream.war}. This package lies at the WAR's root, where the virtual machine
 * looks for it, and knows nothing but the JDK: it unpacks the WAR and calls {@code server}, which
 * lies under WEB-INF/standalone with Jetty. In a servlet container none of it is ever loaded.
 */
package cablestream.standalone;
