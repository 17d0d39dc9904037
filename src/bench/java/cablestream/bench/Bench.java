package cablestream.bench;

import cablestream.bench.lab.BridgeProcess;
import cablestream.bench.lab.JarBridge;
import cablestream.bench.lab.Lab;
import cablestream.bench.lab.MeasuredContainer;
import cablestream.bench.lab.NodesTarget;
import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Scenarios;
import cablestream.bench.lab.Target;
import cablestream.bench.lab.Variant;
import cablestream.bench.report.Circumstances;
import cablestream.bench.report.Figures;
import cablestream.bench.report.HtmlReport;
import cablestream.bench.report.JsonReport;
import cablestream.bench.report.Result;
import cablestream.bench.report.TextTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Measures bridges; {@code src/bench/README.md} describes how to run it. */
public final class Bench {
  private static final Path DIRECTORY = Path.of("target", "bench");

  private final Options options;
  private final Progress progress;
  private final List<Scenario> scenarios;
  private final List<Result> results = new ArrayList<>();
  private boolean failed;

  private Bench(Options options) {
    this.options = options;
    scenarios = chosen(options.scenarios());
    progress = new Progress(options.runs() * scenarios.size() * (1 + numberOfBridges()));
  }

  /** Exits with 1 if anything couldn't be measured. */
  public static void main(String[] arguments) throws IOException {
    Bench bench = new Bench(Options.parse(arguments));
    Files.createDirectories(DIRECTORY);
    bench.measure();
    bench.report(Options.command(arguments));
    System.exit(bench.failed ? 1 : 0);
  }

  private int numberOfBridges() {
    if (options.other() != null) {
      return 1;
    }
    List<String> containers = options.containers();
    return containers.contains(JarBridge.KEY)
        ? containers.size() - 1 + options.variants().size()
        : containers.size();
  }

  private static List<Scenario> chosen(List<String> keys) {
    List<String> known = Scenarios.all().stream().map(Scenario::key).toList();
    if (!known.containsAll(keys)) {
      throw new IllegalArgumentException("scenarios are " + known);
    }
    return Scenarios.all().stream()
        .filter(scenario -> keys.isEmpty() || keys.contains(scenario.key()))
        .toList();
  }

  private void measure() {
    for (int run = 1; run <= options.runs(); run++) {
      try (Lab lab = new Lab(options.cablePort(), options.warm())) {
        List<Target> targets = targets(lab);
        try {
          measureAll(run, lab, targets);
        } finally {
          targets.forEach(Target::close);
        }
      }
    }
  }

  private List<Target> targets(Lab lab) {
    List<Target> targets = new ArrayList<>();
    targets.add(Target.direct(lab.cable()));
    if (options.other() != null) {
      targets.add(options.other().target());
    } else {
      for (String key : options.containers()) {
        targets.addAll(bridges(key, lab.cable()));
      }
    }
    return targets;
  }

  private List<Target> bridges(String key, URI cable) {
    if (!key.equals(JarBridge.KEY)) {
      return List.of(bridge(key, cable));
    }
    List<Target> all = new ArrayList<>();
    for (Variant variant : options.variants()) {
      all.add(new JarBridge(variant, variant.name() + ".log", cable, options.bridgeFlags()));
    }
    return all;
  }

  private Target bridge(String key, URI cable) {
    return NodesTarget.of(key, cable, options.bridgeFlags())
        .orElseGet(
            () -> new BridgeProcess(MeasuredContainer.of(key), cable, options.bridgeFlags()));
  }

  private void measureAll(int run, Lab lab, List<Target> targets) {
    for (Scenario scenario : scenarios) {
      for (Target target : targets) {
        progress.begin("run " + run + ": " + scenario.key() + ", " + target.name());
        if (scenario.appliesTo(target)) {
          measure(run, lab, scenario, target);
        }
        progress.end();
      }
    }
  }

  private void measure(int run, Lab lab, Scenario scenario, Target target) {
    try {
      if (scenario.needsFreshProcess()) {
        target.restart(scenario.settings());
      }
      results.add(new Result(run, scenario, target.name(), scenario.measure(lab, target)));
    } catch (IllegalStateException e) {
      failed = true;
      progress.say("could not be measured: " + e.getMessage());
    }
  }

  private void report(String command) throws IOException {
    Figures figures = new Figures(results);
    Map<String, String> circumstances = Circumstances.now(command);
    Path json = DIRECTORY.resolve("results.json");
    Path page = DIRECTORY.resolve("results.html");
    JsonReport.write(json, circumstances, figures);
    Files.writeString(page, new HtmlReport(figures, circumstances).toString());
    System.out.println("\n" + new TextTable(figures));
    System.out.println(json + "\n" + page);
  }
}
