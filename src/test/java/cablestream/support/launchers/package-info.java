/**
 * Programs that run one container with the WAR. Their classes are copied to target/launchers, so
 * that a container's class path has these of the tests' classes and no others.
 */
package cablestream.support.launchers;
