/** The WAR between real parts: a Rails ActionCable server behind it, containers, proxies. */
package cablestream.e2e;
