package cablestream.bench.report;

import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Target;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The goals, the plots and all figures as one page that needs nothing else. */
public final class HtmlReport {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --page: #fff;
        --rule: #d1d9e0; --good: #116329; --bad: #a40e26;
        --c0: #6e7781; --c1: #0969da; --c2: #bc4c00; --c3: #8250df; }
      @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9198a1;
        --page: #0d1117; --rule: #3d444d; --good: #3fb950; --bad: #ff7b72;
        --c0: #9198a1; --c1: #58a6ff; --c2: #f0883e; --c3: #bc8cff; } }
      body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
        max-width: 76rem; margin: 0 auto; padding: 1rem; }
      h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
      dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--rule); text-align: right; }
      th:first-child, td:first-child { text-align: left; } thead th { color: var(--quiet); }
      .good { color: var(--good); } .bad { color: var(--bad); }
      .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr));
        gap: 1.5rem; }
      figure { margin: 0; } figcaption { font-weight: 600; }
      svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--quiet); }
      .grid { stroke: var(--rule); } .tick { stroke: var(--quiet); }
      .line { fill: none; stroke-width: 2; }
      .line.t0 { stroke: var(--c0); stroke-dasharray: 6 4; } .line.t1 { stroke: var(--c1); }
      .line.t2 { stroke: var(--c2); } .line.t3 { stroke: var(--c3); }
      circle.t0, .key.t0 { fill: var(--c0); color: var(--c0); }
      circle.t1, .key.t1 { fill: var(--c1); color: var(--c1); }
      circle.t2, .key.t2 { fill: var(--c2); color: var(--c2); }
      circle.t3, .key.t3 { fill: var(--c3); color: var(--c3); }
      .key { margin-right: 1rem; }
      """;

  private final Figures figures;
  private final Map<String, String> circumstances;
  private final Plots plots;
  private final List<String> bridges;

  public HtmlReport(Figures figures, Map<String, String> circumstances) {
    this.figures = figures;
    this.circumstances = circumstances;
    plots = new Plots(figures);
    bridges = figures.targets().stream().filter(name -> !name.equals(Target.DIRECT)).toList();
  }

  /** The page. */
  @Override
  public String toString() {
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>")
        .append("<meta name='viewport' content='width=device-width, initial-scale=1'>")
        .append("<title>Cablestream: benchmark</title><style>\n")
        .append(STYLE)
        .append("</style></head><body><h1>Cablestream: benchmark</h1>\n<dl>");
    circumstances.forEach(
        (name, value) ->
            page.append("<dt>%s</dt><dd>%s</dd>".formatted(escape(name), escape(value))));
    page.append("</dl>\n");
    addGoals(page);
    addPlots(page);
    figures.scenarios().forEach(scenario -> addDetails(page, scenario));
    return page.append("</body></html>\n").toString();
  }

  private void addGoals(StringBuilder page) {
    if (bridges.isEmpty()) {
      return;
    }
    page.append("<h2>Goals</h2><div class='wide'><table><thead><tr><th>")
        .append("<th>Go original<th>bare loop");
    bridges.forEach(name -> page.append("<th>").append(escape(name)).append("<th>goal"));
    page.append("</tr></thead>\n");
    for (Goal goal : Goal.all()) {
      page.append("<tr><td>%s<td>%s<td>%s".formatted(goal.title(), goal.original(), goal.floor()));
      bridges.forEach(name -> page.append(reached(goal, name)));
      page.append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  private String reached(Goal goal, String target) {
    OptionalDouble value = goal.reached(figures, target);
    String limit = "<td>" + Numbers.text(goal.limit(target));
    if (value.isEmpty()) {
      return "<td>–" + limit;
    }
    boolean met = goal.isMet(target, value.getAsDouble());
    String mark = met ? "<td class='good'>%s ✓" : "<td class='bad'>%s ✗";
    return mark.formatted(Numbers.text(value)) + limit;
  }

  private void addPlots(StringBuilder page) {
    page.append("<h2>Plots</h2><p>");
    for (String target : figures.targets()) {
      page.append(
          "<span class='key %s'>● %s</span>".formatted(plots.style(target), escape(target)));
    }
    page.append("</p><div class='plots'>\n");
    String cpu = "CPU µs/event";
    add(page, "Latency at 10,000 events/s", plots.latencies("paced"));
    add(page, "Latency of an echo", plots.latencies("echo"));
    add(page, "Latency by long poll at 10,000 events/s", plots.latencies("poll"));
    add(page, "Latency of the others while 10 of 100 don't read", plots.latencies("stalled45000"));
    add(page, "CPU an event by sessions", plots.series("sessions", cpu, "sessions", cpu));
    add(page, "CPU an event by size", plots.series("sizes", cpu, "bytes", cpu));
    add(page, "p99 by sessions", plots.series("sessions", "p99 ms", "sessions", "p99 ms"));
    add(page, "p99 by size", plots.series("sizes", "p99 ms", "bytes", "p99 ms"));
    add(page, "Memory of idle sessions", plots.series("memory", "RSS MiB", "sessions", "RSS, MiB"));
    add(
        page,
        "Memory while 10 of 100 don't read",
        plots.samples("stalled45000", "RSS MiB", "seconds", "RSS, MiB"));
    page.append("</div>\n");
  }

  private static void add(StringBuilder page, String caption, Plot plot) {
    if (!plot.isEmpty()) {
      page.append("<figure><figcaption>%s</figcaption>%s</figure>".formatted(caption, plot));
    }
  }

  private void addDetails(StringBuilder page, Scenario scenario) {
    page.append("<h2>%s</h2><p>%s</p>".formatted(scenario.key(), escape(scenario.title())));
    page.append("<div class='wide'><table><thead><tr><th>");
    figures.targets().forEach(target -> page.append("<th>").append(escape(target)));
    page.append("</tr></thead>\n");
    for (String name : figures.shown(scenario)) {
      addRow(page, name, target -> figures.figure(scenario.key(), target, name));
    }
    addRow(page, "faults", target -> figures.faults(scenario, target));
    page.append("</table></div>\n");
  }

  private void addRow(StringBuilder page, String name, Function<String, OptionalDouble> figure) {
    page.append("<tr><td>").append(escape(name));
    figures
        .targets()
        .forEach(target -> page.append("<td>").append(Numbers.text(figure.apply(target))));
    page.append("</tr>\n");
  }

  /** Text as it may stand in HTML and in its attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
  }
}
