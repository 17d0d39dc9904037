/** The WAR between real parts: a Rails Action Cable server behind it, containers, proxies. */
package cablestream.e2e;
