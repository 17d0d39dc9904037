/**
 * Classes as they were when a race was found in them, for the proof that it would be found again.
 * Changed only in what is public.
 */
package cablestream.stress.asitwas;
