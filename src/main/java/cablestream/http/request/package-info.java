/**
 * Reads and validates requests: the caller, the parameters, the body and its commands. An invalid
 * request throws a {@link cablestream.http.request.RefusedException}.
 */
package cablestream.http.request;
