package cablestream.bench.report;

import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The goals and all figures as text. */
public final class TextTable {
  private final Figures figures;
  private final List<String> bridges;

  public TextTable(Figures figures) {
    this.figures = figures;
    bridges = figures.targets().stream().filter(name -> !name.equals(Target.DIRECT)).toList();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (!bridges.isEmpty()) {
      text.append(layOut(goals())).append('\n');
    }
    for (Scenario scenario : figures.scenarios()) {
      text.append(scenario.key()).append(": ").append(scenario.title()).append('\n');
      text.append(layOut(details(scenario))).append('\n');
    }
    return text.toString();
  }

  private List<List<String>> goals() {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("goal", "Go original", "bare loop"));
    bridges.forEach(bridge -> head.addAll(List.of(bridge, "goal")));
    rows.add(head);
    for (Goal goal : Goal.all()) {
      List<String> row = new ArrayList<>(List.of(goal.title(), goal.original(), goal.floor()));
      bridges.forEach(bridge -> row.addAll(reached(goal, bridge)));
      rows.add(row);
    }
    return rows;
  }

  private List<String> reached(Goal goal, String bridge) {
    OptionalDouble value = goal.reached(figures, bridge);
    String limit = FigureText.text(goal.limit(bridge));
    if (value.isEmpty()) {
      return List.of("–", limit);
    }
    boolean met = goal.isMet(bridge, value.getAsDouble());
    return List.of(FigureText.text(value) + (met ? " ✓" : " ✗"), limit);
  }

  private List<List<String>> details(Scenario scenario) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(""));
    head.addAll(figures.targets());
    rows.add(head);
    for (String name : figures.shown(scenario)) {
      List<String> row = new ArrayList<>(List.of("  " + name));
      for (String target : figures.targets()) {
        row.add(figures.text(scenario.key(), target, name));
      }
      rows.add(row);
    }
    List<String> faults = new ArrayList<>(List.of("  faults"));
    figures
        .targets()
        .forEach(target -> faults.add(FigureText.text(figures.faults(scenario, target))));
    rows.add(faults);
    return rows;
  }

  private static String layOut(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        text.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
