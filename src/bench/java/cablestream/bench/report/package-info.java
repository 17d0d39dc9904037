/** What was measured, as a table, a JSON file and a page with plots. */
package cablestream.bench.report;
