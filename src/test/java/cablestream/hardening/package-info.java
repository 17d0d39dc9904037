/**
 * Attacks on the WAR as it is shipped, in Tomcat and Jetty: a class for each kind, a test for each
 * attack. Each says which bound holds, and that a bystander, whose session is in the same bridge,
 * noticed nothing.
 */
package cablestream.hardening;
