/** Independent implementations with which the fuzz tests compare the bridge's output. */
package cablestream.support.fuzz;
