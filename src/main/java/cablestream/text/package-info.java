/** UTF-8 and JSON strings, for all packages. */
package cablestream.text;
