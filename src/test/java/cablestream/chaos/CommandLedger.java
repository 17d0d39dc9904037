package cablestream.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The record of one session's commands: those that its client posted, the responses, and those that
 * its server executed. Thread-safe.
 *
 * <p>A command with a response without an error was written to the cable. It may still be lost
 * there if the cable broke immediately afterwards: then the next command that arrives comes on a
 * cable that was confirmed after this one was posted. If it comes on an earlier cable, that cable
 * had to carry the missing command too, and the loss is a fault. What a broken cable delivers late
 * may arrive after commands of the next one; each cable keeps the order by itself.
 */
final class CommandLedger {
  private static final int MAX_VIOLATIONS = 5;

  /** The bridge's errors for commands that it can't have written to a cable. */
  private static final List<String> NEVER_WRITTEN =
      List.of("the cable is down", "not subscribed", "not confirmed", "the cable is busy");

  private enum Outcome {
    OPEN,
    OK,
    FAILED,
    /** The client never learnt it, because its session had ended. */
    UNKNOWN
  }

  private static final class Command {
    final long posted = System.nanoTime();
    final String session;
    Outcome outcome = Outcome.OPEN;
    String error;
    int carriedOut;

    /** When the cable that carried it had been confirmed. */
    long cableSince;

    Command(String session) {
      this.session = session;
    }
  }

  private final int session;
  private final Transport transport;
  private final Trace trace;
  private final TreeMap<Long, Command> commands = new TreeMap<>();

  /** The latest command that each cable has carried, by the time of the cable's confirmation. */
  private final Map<Long, Long> latest = new HashMap<>();

  private long newest;
  private long outOfOrder;
  private final List<String> violations = new ArrayList<>();

  CommandLedger(int session, Transport transport, Trace trace) {
    this.session = session;
    this.transport = transport;
    this.trace = trace;
  }

  /**
   * Records that the client is about to post a command; returns its number.
   *
   * @param session the session that it knows to be its own
   */
  synchronized long post(String session) {
    commands.put(++newest, new Command(session));
    return newest;
  }

  /**
   * @param error null for success
   */
  synchronized void answered(long number, String error) {
    Command command = commands.get(number);
    command.outcome = error == null ? Outcome.OK : Outcome.FAILED;
    command.error = error;
  }

  synchronized void gaveUp(long number) {
    commands.get(number).outcome = Outcome.UNKNOWN;
  }

  /**
   * Records that the server executes a command.
   *
   * @param cableSince when its cable's subscription was confirmed
   */
  synchronized void carriedOut(long number, long cableSince) {
    Command command = commands.get(number);
    command.carriedOut++;
    command.cableSince = cableSince;
    if (command.carriedOut > 1) {
      violation("command " + number + " was carried out again");
    }
    long before = latest.getOrDefault(cableSince, 0L);
    if (number < before) {
      outOfOrder++;
      violation("command " + number + " was carried out after " + before);
    }
    latest.put(cableSince, Math.max(before, number));
  }

  /** The command posted last: the session is settled when it has been executed. */
  synchronized boolean isCarriedOut(long number) {
    return commands.get(number).carriedOut > 0;
  }

  synchronized Verdict<CommandFate> verdict() {
    Map<CommandFate, Long> counts = new EnumMap<>(CommandFate.class);
    commands.forEach((number, command) -> judge(number, command, counts));
    counts.put(CommandFate.OUT_OF_ORDER, outOfOrder);
    return new Verdict<>(counts, List.copyOf(violations));
  }

  private void judge(long number, Command command, Map<CommandFate, Long> counts) {
    boolean ok = command.outcome == Outcome.OK;
    boolean failed = command.outcome == Outcome.FAILED;
    boolean missing = ok && command.carriedOut == 0;
    boolean excused = missing && isExcused(number, command);
    boolean lie =
        failed
            && command.carriedOut > 0
            && NEVER_WRITTEN.stream().anyMatch(text -> command.error.startsWith(text));
    if (missing && !excused) {
      violation("command " + number + " was answered and never carried out");
    }
    if (lie) {
      violation("command " + number + " was carried out, and yet: " + command.error);
    }
    count(counts, CommandFate.POSTED, 1);
    count(counts, CommandFate.ANSWERED, ok ? 1 : 0);
    count(counts, CommandFate.FAILED, failed ? 1 : 0);
    count(counts, CommandFate.UNKNOWN, !ok && !failed ? 1 : 0);
    count(counts, CommandFate.CARRIED_OUT, command.carriedOut > 0 ? 1 : 0);
    count(counts, CommandFate.LOST, missing && !excused ? 1 : 0);
    count(counts, CommandFate.BROKEN, excused ? 1 : 0);
    count(counts, CommandFate.DUPLICATED, Math.max(0, command.carriedOut - 1));
    count(counts, CommandFate.WRONG, lie ? 1 : 0);
  }

  private boolean isExcused(long number, Command missing) {
    for (Command later : commands.tailMap(number, false).values()) {
      if (later.carriedOut > 0 && later.session.equals(missing.session)) {
        return later.cableSince > missing.posted;
      }
    }
    return true;
  }

  private static void count(Map<CommandFate, Long> counts, CommandFate fate, long more) {
    counts.merge(fate, more, Long::sum);
  }

  private void violation(String what) {
    trace.violation(what);
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add("session " + session + " (" + transport + "): " + what);
    }
  }
}
