/** How the bridge itself asks other servers by HTTP, whose answers it doesn't trust. */
package cablestream.outbound;
