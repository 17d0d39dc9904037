/** The results, as a table, a JSON file and a page. */
package cablestream.bench.report;
