package cablestream.bench.report;

import cablestream.bench.lab.Measurement;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** All figures of all runs as JSON, for programs and for comparing two versions. */
public final class JsonReport {
  private static final double[] PERCENTILES = {0, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100};

  private JsonReport() {}

  /** Writes the file. */
  public static void write(Path file, Map<String, String> circumstances, Figures figures)
      throws IOException {
    JsonObjectBuilder about = Json.createObjectBuilder();
    circumstances.forEach(about::add);
    JsonArrayBuilder results = Json.createArrayBuilder();
    figures.results().forEach(result -> results.add(result(result)));
    JsonObjectBuilder all =
        Json.createObjectBuilder()
            .add("circumstances", about)
            .add("goals", goals(figures))
            .add("results", results);
    Map<String, Boolean> readable = Map.of(JsonGenerator.PRETTY_PRINTING, true);
    try (Writer out = Files.newBufferedWriter(file);
        JsonWriter json = Json.createWriterFactory(readable).createWriter(out)) {
      json.writeObject(all.build());
    }
  }

  private static JsonArrayBuilder goals(Figures figures) {
    JsonArrayBuilder goals = Json.createArrayBuilder();
    for (Goal goal : Goal.all()) {
      for (String target : figures.targets()) {
        goal.reached(figures, target)
            .ifPresent(
                reached ->
                    goals.add(
                        Json.createObjectBuilder()
                            .add("goal", goal.title())
                            .add("target", target)
                            .add("reached", reached)
                            .add("limit", goal.limit(target))
                            .add("met", goal.isMet(target, reached))));
      }
    }
    return goals;
  }

  private static JsonObjectBuilder result(Result result) {
    Measurement measurement = result.measurement();
    JsonObjectBuilder values = Json.createObjectBuilder();
    measurement
        .values()
        .forEach(
            (name, value) -> {
              if (!value.isNaN() && !value.isInfinite()) {
                values.add(name, value);
              }
            });
    JsonObjectBuilder series = Json.createObjectBuilder();
    measurement.series().forEach((name, points) -> series.add(name, points(points)));
    JsonObjectBuilder object =
        Json.createObjectBuilder()
            .add("run", result.run())
            .add("scenario", result.scenario().key())
            .add("target", result.target())
            .add("values", values)
            .add("series", series);
    if (measurement.latencies() != null) {
      object.add("latency ms", percentiles(measurement.latencies()));
    }
    return object;
  }

  private static JsonArrayBuilder points(List<Measurement.Point> points) {
    JsonArrayBuilder array = Json.createArrayBuilder();
    points.forEach(point -> array.add(Json.createArrayBuilder().add(point.x()).add(point.y())));
    return array;
  }

  private static JsonObjectBuilder percentiles(Histogram latencies) {
    JsonObjectBuilder object = Json.createObjectBuilder();
    for (double percentile : PERCENTILES) {
      object.add("p" + percentile, latencies.getValueAtPercentile(percentile) / 1e6);
    }
    return object;
  }
}
