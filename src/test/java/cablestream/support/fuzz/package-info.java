/** Independent judges of what the bridge makes of its inputs. */
package cablestream.support.fuzz;
