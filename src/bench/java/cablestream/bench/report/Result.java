package cablestream.bench.report;

import cablestream.bench.lab.Measurement;
import cablestream.bench.lab.Scenario;

/**
 * One measurement.
 *
 * @param run from 1
 * @param target the name
 */
public record Result(int run, Scenario scenario, String target, Measurement measurement) {}
