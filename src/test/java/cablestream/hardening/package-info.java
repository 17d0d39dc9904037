/**
 * Attacks on the packaged WAR in Tomcat and Jetty: a class for each kind, a test for each attack.
 * Each test asserts which bound holds, and that a bystander with a session in the same bridge
 * noticed nothing.
 */
package cablestream.hardening;
