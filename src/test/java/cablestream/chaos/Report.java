package cablestream.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The result of a run. */
final class Report {
  private static final int MAX_VIOLATIONS = 12;
  private static final int MAX_TRACES = 3;

  private final Schedule course;
  private final List<Verdict<EventFate>> ofSessions = new ArrayList<>();
  private final List<Verdict<CommandFate>> commandsOfSessions = new ArrayList<>();
  private final String container;
  private final Map<Transport, Verdict<EventFate>> events = new EnumMap<>(Transport.class);
  private final Map<Transport, Verdict<CommandFate>> commands = new EnumMap<>(Transport.class);
  private final Faults faults;
  private final long seconds;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Ledger> suspects = new ArrayList<>();

  Report(Schedule course, String container, List<Ledger> accounts, Faults faults, long seconds) {
    this.course = course;
    this.container = container;
    this.faults = faults;
    this.seconds = seconds;
    for (Ledger account : accounts) {
      Verdict<EventFate> verdict = account.events().verdict();
      Verdict<CommandFate> ofCommands = account.commands().verdict();
      ofSessions.add(verdict);
      commandsOfSessions.add(ofCommands);
      events.merge(account.transport(), verdict, Verdict::plus);
      commands.merge(account.transport(), ofCommands, Verdict::plus);
      if (!verdict.isClean() || !ofCommands.isClean()) {
        suspects.add(account);
      }
    }
  }

  /** Adds a line below the tables. */
  void note(String note) {
    notes.add(note);
  }

  /** Adds another fault. */
  void complain(String complaint) {
    complaints.add(complaint);
  }

  Verdict<EventFate> events() {
    return events.values().stream().reduce(Verdict.nothing(), Verdict::plus);
  }

  Verdict<CommandFate> commands() {
    return commands.values().stream().reduce(Verdict.nothing(), Verdict::plus);
  }

  /** The outcomes of one session's events. */
  Verdict<EventFate> events(int session) {
    return ofSessions.get(session);
  }

  Verdict<CommandFate> commands(int session) {
    return commandsOfSessions.get(session);
  }

  /** Whether nothing was lost unannounced, repeated or reordered. */
  boolean isClean() {
    return events().isClean() && commands().isClean() && complaints.isEmpty();
  }

  /** The result as Markdown. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, seed %d: %,d events and %,d faults in %d s, %d sessions, %d redeployments; %s%n%n"
            .formatted(
                container,
                course.seed(),
                events().count(EventFate.SENT),
                faults.total(),
                seconds,
                course.sessions(),
                faults.count(FaultKind.DRAINED) + faults.count(FaultKind.REDEPLOYED),
                machine()));
    head(text, "Events");
    rows(text, EventFate.values(), events);
    text.append('\n');
    head(text, "Commands");
    rows(text, CommandFate.values(), commands);
    text.append("\n| Fault | times |\n|---|--:|\n");
    for (FaultKind kind : FaultKind.values()) {
      text.append("| %s | %,d |%n".formatted(kind, faults.count(kind)));
    }
    text.append('\n').append(String.join("\n", notes)).append('\n');
    return text.toString();
  }

  /** The violations, the first of them with the trace before it. */
  String violations() {
    List<String> lines = new ArrayList<>();
    lines.add("seed " + course.seed());
    lines.addAll(complaints.stream().limit(MAX_VIOLATIONS).toList());
    events().violations().stream().limit(MAX_VIOLATIONS).forEach(lines::add);
    commands().violations().stream().limit(MAX_VIOLATIONS).forEach(lines::add);
    for (Ledger suspect : suspects.stream().limit(MAX_TRACES).toList()) {
      lines.add("");
      lines.add("session " + suspect.session() + " (" + suspect.transport() + "):");
      lines.addAll(suspect.trace().lines());
    }
    return String.join("\n", lines);
  }

  private void head(StringBuilder text, String what) {
    text.append("| ").append(what).append(" | ");
    text.append(
        events.keySet().stream().map(Transport::toString).collect(Collectors.joining(" | ")));
    text.append(" |\n|---|").append("--:|".repeat(events.size())).append('\n');
  }

  private static <F extends Enum<F> & Verdict.Fate> void rows(
      StringBuilder text, F[] fates, Map<Transport, Verdict<F>> verdicts) {
    for (F fate : fates) {
      text.append("| ").append(fate.label());
      verdicts.values().forEach(each -> text.append(" | %,d".formatted(each.count(fate))));
      text.append(" |\n");
    }
  }

  private static String machine() {
    return Runtime.getRuntime().availableProcessors()
        + " cores for all of it, JDK "
        + Runtime.version().feature();
  }
}
