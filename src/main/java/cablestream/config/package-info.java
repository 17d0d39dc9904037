/**
 * The settings: their sources, reading and validation, and what is printed of them. It builds the
 * settings objects of the other packages, none of which depends on it.
 */
package cablestream.config;
