/** The WAR in each supported container, for the integration tests. */
package cablestream.support.containers;
