package cablestream.bench.report;

import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Target;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The goals and all figures as one self-contained page. */
public final class HtmlReport {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --page: #fff;
        --rule: #d1d9e0; --good: #116329; --bad: #a40e26; }
      @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9198a1;
        --page: #0d1117; --rule: #3d444d; --good: #3fb950; --bad: #ff7b72; } }
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
      """;

  private final Figures figures;
  private final Map<String, String> circumstances;
  private final List<String> bridges;

  public HtmlReport(Figures figures, Map<String, String> circumstances) {
    this.figures = figures;
    this.circumstances = circumstances;
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
    String limit = "<td>" + FigureText.text(goal.limit(target));
    if (value.isEmpty()) {
      return "<td>–" + limit;
    }
    boolean met = goal.isMet(target, value.getAsDouble());
    String mark = met ? "<td class='good'>%s ✓" : "<td class='bad'>%s ✗";
    return mark.formatted(FigureText.text(value)) + limit;
  }

  private void addDetails(StringBuilder page, Scenario scenario) {
    page.append("<h2>%s</h2><p>%s</p>".formatted(scenario.key(), escape(scenario.title())));
    page.append("<div class='wide'><table><thead><tr><th>");
    figures.targets().forEach(target -> page.append("<th>").append(escape(target)));
    page.append("</tr></thead>\n");
    for (String name : figures.shown(scenario)) {
      addRow(page, name, target -> figures.text(scenario.key(), target, name));
    }
    addRow(page, "faults", target -> FigureText.text(figures.faults(scenario, target)));
    page.append("</table></div>\n");
  }

  private void addRow(StringBuilder page, String name, Function<String, String> figure) {
    page.append("<tr><td>").append(escape(name));
    figures.targets().forEach(target -> page.append("<td>").append(escape(figure.apply(target))));
    page.append("</tr>\n");
  }

  /** Text escaped for HTML and its attributes. */
  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
  }
}
