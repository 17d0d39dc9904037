/** The WAR in each of the containers that it is made for, for the integration tests. */
package cablestream.support.containers;
