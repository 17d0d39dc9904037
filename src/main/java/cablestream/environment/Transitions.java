package cablestream.environment;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Digest;
import cablestream.cable.CableEnding;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest transitions of one session, for an operator who investigates a problem, and debug
 * lines of all of them. An entry is a step, a word of a fixed set and a number: no text of a
 * browser or a server is stored or logged, and no input makes it grow. Inside the session's
 * mailbox.
 */
public final class Transitions {
  /** The number of transitions stored. */
  public static final int MAX = 50;

  /**
   * The largest number of lines at level INFO, for one session that an operator has selected; later
   * ones are debug lines again.
   */
  static final int MAX_LOUD = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Transitions.class);

  private static final Supplier<String> NO_OPENER = () -> null;

  private static final int STEP_BITS = 8;
  private static final int WORD_BITS = 6;
  private static final int TIMES_BITS = 7;
  private static final int MAX_TIMES = (1 << TIMES_BITS) - 1;

  /** The steps of a session, and the set of each step's words. */
  public enum Step {
    /** By a request of that transport. */
    OPENED(ClientTransport.class),
    /** The cable is being dialled. */
    DIALLING,
    /** The first dial, or one after a loss, which another follows. */
    DIAL_FAILED(CableEnding.Kind.class),
    WELCOMED,
    CABLE_LOST(Loss.class),
    /** A stream, or the first poll after a stream; later polls are omitted. */
    LISTENER_ATTACHED(Observer.Transport.class),
    /** A stream. */
    LISTENER_LEFT(Observer.Transport.class),
    LISTENER_STALLED,
    /** The number of a channel's step is the beginning of its chan_id. */
    SUBSCRIBING,
    SUBSCRIBED,
    REJECTED,
    UNCONFIRMED,
    UNSUBSCRIBED,
    COMMAND_FAILED(Command.Kind.class),
    /** The number is the HTTP status. */
    REQUEST_REFUSED,
    FRAME_DROPPED,
    /** The number of events that a listener missed; 0 if unknown. */
    GAP,
    ENDED(Observer.Ending.class);

    private final Enum<?>[] words;

    Step() {
      words = new Enum<?>[0];
    }

    Step(Class<? extends Enum<?>> words) {
      this.words = words.getEnumConstants();
    }

    private boolean isOfChannel() {
      return compareTo(SUBSCRIBING) >= 0 && compareTo(UNSUBSCRIBED) <= 0;
    }
  }

  /** Why a cable was lost: the reasons of Rails and the bridge. */
  private enum Loss {
    LOST,
    STALE,
    SERVER_RESTART,
    REMOTE,
    INVALID_REQUEST,
    UNAUTHORIZED,
    OTHER
  }

  /**
   * A stored transition.
   *
   * @param at its time; of several equal ones in a row, the last
   * @param step its name in lower case
   * @param detail a word, a number, or the first 8 characters of a chan_id; null for none
   * @param times how often it happened in a row, 127 for more
   */
  public record Transition(String at, String step, String detail, int times) {}

  private final InstantSource clock;
  private final String sessionId;

  /** Milliseconds since 1970 in the high bits; step, word and times in the low bits. */
  private final long[] entries = new long[MAX];

  private final int[] numbers = new int[MAX];
  private int count;
  private int loud;
  private Supplier<String> opener = NO_OPENER;

  /**
   * @param sessionId the session whose hash the lines contain
   */
  public Transitions(InstantSource clock, String sessionId) {
    this.clock = clock;
    this.sessionId = sessionId;
  }

  /** Logs later transitions at level INFO, up to {@link #MAX_LOUD} lines. */
  public void logAloud() {
    loud = MAX_LOUD;
  }

  /**
   * The session is opened: the only transition that is logged with its request's id, which proxies
   * and the server also log.
   *
   * @param requestId called only if the transition is logged; hex digits and hyphens, null for none
   */
  public void opened(ClientTransport transport, Supplier<String> requestId) {
    opener = requestId;
    record(Step.OPENED, transport);
    opener = NO_OPENER;
  }

  public void record(Step step) {
    record(step, 0, 0);
  }

  /**
   * @param word one of the step's words
   */
  public void record(Step step, Enum<?> word) {
    assert step.words[word.ordinal()] == word;
    record(step, word.ordinal(), 0);
  }

  public void record(Step step, int number) {
    record(step, 0, number);
  }

  /**
   * @param chanId in hex
   */
  public void ofChannel(Step step, String chanId) {
    int number = 0;
    for (int i = 0; i < Math.min(8, chanId.length()); i++) {
      number = number << 4 | Math.max(0, Character.digit(chanId.charAt(i), 16));
    }
    record(step, 0, number);
  }

  /**
   * @param reason any text; an unknown one is logged as {@code other}
   */
  public void lost(String reason) {
    Loss loss = Loss.OTHER;
    for (Loss each : Loss.values()) {
      if (reason.equals(lower(each))) {
        loss = each;
      }
    }
    record(Step.CABLE_LOST, loss);
  }

  private void record(Step step, int word, int number) {
    long now = clock.millis();
    int latest = Math.floorMod(count - 1, MAX);
    long kind = (long) step.ordinal() << WORD_BITS | word;
    boolean again =
        count > 0 && (entries[latest] >> TIMES_BITS & mask(STEP_BITS + WORD_BITS)) == kind;
    long times = 1;
    if (again && numbers[latest] == number) {
      times = Math.min(MAX_TIMES, (entries[latest] & MAX_TIMES) + 1);
    } else {
      count = count == 2 * MAX ? MAX + 1 : count + 1;
      latest = Math.floorMod(count - 1, MAX);
    }
    entries[latest] = now << STEP_BITS + WORD_BITS + TIMES_BITS | kind << TIMES_BITS | times;
    numbers[latest] = number;
    log(latest);
  }

  private static long mask(int bits) {
    return (1L << bits) - 1;
  }

  private void log(int index) {
    if (loud > 0 || LOG.isDebugEnabled()) {
      String line = "event=transition session={} step={} detail={} times={}{}";
      String hash = Digest.of(sessionId).hex(4);
      Transition entry = entry(index);
      String request = opener.get();
      String by = request == null ? "" : " request=" + request;
      if (loud > 0) {
        loud--;
        LOG.info(line, hash, entry.step(), entry.detail(), entry.times(), by);
      } else {
        LOG.debug(line, hash, entry.step(), entry.detail(), entry.times(), by);
      }
    }
  }

  /** The stored transitions, the oldest first. */
  public List<Transition> latest() {
    List<Transition> latest = new ArrayList<>(MAX);
    for (int i = Math.max(0, count - MAX); i < count; i++) {
      latest.add(entry(i % MAX));
    }
    return latest;
  }

  private Transition entry(int index) {
    long entry = entries[index];
    Step step = Step.values()[(int) (entry >> WORD_BITS + TIMES_BITS & mask(STEP_BITS))];
    int word = (int) (entry >> TIMES_BITS & mask(WORD_BITS));
    int number = numbers[index];
    String detail =
        step.words.length > 0
            ? lower(step.words[word])
            : step.isOfChannel()
                ? "%08x".formatted(number)
                : number == 0 ? null : String.valueOf(number);
    return new Transition(
        Instant.ofEpochMilli(entry >> STEP_BITS + WORD_BITS + TIMES_BITS).toString(),
        lower(step),
        detail,
        (int) (entry & MAX_TIMES));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
