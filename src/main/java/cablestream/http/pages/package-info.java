/**
 * Everything but sessions: the console, the diagnosis page, the browser's script, and the operator
 * endpoints.
 */
package cablestream.http.pages;
