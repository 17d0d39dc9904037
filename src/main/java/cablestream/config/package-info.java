/**
 * The settings: where they come from, how they are read and checked, and what is written of them.
 * It makes the settings of every room, and no room knows it.
 */
package cablestream.config;
