/** UTF-8 and JSON strings, once for all rooms. */
package cablestream.text;
