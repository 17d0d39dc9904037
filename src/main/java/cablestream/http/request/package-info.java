/**
 * What a request asks for: who sends it, its parameters, its body and the commands in it, read and
 * checked. What is wrong with it is a {@link cablestream.http.request.RefusedException}.
 */
package cablestream.http.request;
