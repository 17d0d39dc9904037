package cablestream.bench.soak;

import cablestream.bench.control.Line;
import cablestream.bench.lab.JarBridge;
import cablestream.bench.lab.Lab;
import java.util.List;
import java.util.Locale;

/** The bridge, its clients and its server, and the faults between them. */
final class SoakStage {
  private static final int AT_ONCE = 50;
  private static final int MESSAGE_BYTES = 200;
  private static final double TALK_SECONDS = 2;
  private static final double PATIENCE_SECONDS = 5;
  private static final double OUTAGE_SECONDS = 20;

  /** The default of {@code linger}, and a minute. */
  private static final double LINGER_AND_A_MINUTE_SECONDS = 90;

  /** The longest backoff, the time of a dial, and then all of them one after the other. */
  private static final double BACK_SECONDS = 90;

  private final Lab lab;
  private final JarBridge bridge;
  private final int sessions;
  private final Failures failures;

  /**
   * @param sessions in the largest crowd
   */
  SoakStage(Lab lab, JarBridge bridge, int sessions, Failures failures) {
    this.lab = lab;
    this.bridge = bridge;
    this.sessions = sessions;
    this.failures = failures;
  }

  JarBridge bridge() {
    return bridge;
  }

  Failures failures() {
    return failures;
  }

  int sessions() {
    return sessions;
  }

  /** Opens sessions, a few at once, and subscribes them. */
  void open(int count) {
    open("127.0.0.1", count, AT_ONCE);
  }

  void openAt(String address, int count) {
    open(address, count, AT_ONCE);
  }

  void openAtOnce(int count) {
    open("127.0.0.1", count, count);
  }

  private void open(String address, int count, int concurrency) {
    Line order =
        Line.of("open")
            .with("kind", "stream")
            .with("url", bridge.url(address))
            .with("count", count)
            .with("concurrency", concurrency);
    failures.addOpening(lab.load().ask(order), count);
  }

  /** The server sends a few messages to each of them. */
  void talk() {
    lab.load().ask(Line.of("record"));
    lab.server()
        .ask(
            Line.of("pace")
                .with("rate", sessions)
                .with("size", MESSAGE_BYTES)
                .with("seconds", TALK_SECONDS));
    Line sent = lab.server().ask(Line.of("settle").with("patience", PATIENCE_SECONDS));
    Line seen =
        lab.load()
            .ask(
                Line.of("await")
                    .with("counts", sent.text("counts"))
                    .with("patience", PATIENCE_SECONDS));
    for (String fault : List.of("lost", "repeated", "swapped", "foreign", "malformed")) {
      failures.add("event " + fault, seen.number(fault));
    }
    failures.add("stream broken", seen.number("broken"));
  }

  /**
   * All clients disconnect.
   *
   * @param farewell whether they send a DELETE
   */
  void leave(boolean farewell) {
    lab.load().ask(Line.of("close").with("farewell", farewell));
  }

  /** Waits until no session has a cable. */
  void awaitNoCables(String why) {
    long start = System.nanoTime();
    if (Lab.waitFor(() -> lab.cables() == 0, LINGER_AND_A_MINUTE_SECONDS)) {
      System.out.printf(
          Locale.ROOT, "no cable is left after %.0f s%n", (System.nanoTime() - start) / 1e9);
    } else {
      failures.add("cable left after linger and 60 s, " + why, lab.cables());
    }
  }

  /** Sessions lose their server, further ones are opened meanwhile, and then it is back. */
  void withoutServer(String how) {
    open(sessions / 4);
    lab.server().ask(Line.of("meet").with("how", how));
    lab.server().ask(Line.of("drop"));
    open(sessions / 40);
    Lab.rest(OUTAGE_SECONDS);
    lab.server().ask(Line.of("meet").with("how", "welcome"));
    int lost = sessions / 4;
    if (!Lab.waitFor(() -> lab.cables() >= lost, BACK_SECONDS)) {
      failures.add("cable not back", lost - lab.cables());
    }
    leave(true);
  }

  /** Whether a few sessions can be opened and receive messages. */
  boolean works() {
    Failures now = new Failures();
    SoakStage small = new SoakStage(lab, bridge, sessions / 20, now);
    small.open(sessions / 20);
    small.talk();
    small.leave(true);
    boolean works = now.toString().equals("none");
    if (!works) {
      failures.add("afterwards: " + now, 1);
    }
    return works;
  }

  /** Waits until no client is connected, and pools have released what they don't need. */
  void settle() {
    Lab.waitFor(
        () -> Failures.value(bridge.metrics(), "cablestream_sessions") == 0,
        LINGER_AND_A_MINUTE_SECONDS);
  }
}
