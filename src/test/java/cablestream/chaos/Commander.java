package cablestream.chaos;

import cablestream.support.wire.RawResponse;
import jakarta.json.JsonArray;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * Subscribes a page and sends its commands, one POST after the other, each repeated with its key
 * until there is a response or the session has ended.
 */
final class Commander {
  private static final int REST_MILLIS = 50;

  private final Client client;
  private final Ledger account;
  private final Network network;
  private final Random random;
  private final Dialect dialect;
  private final int pauseMillis;
  private final boolean names;

  /** A session that is known to have ended; the page learns it when it listens. */
  private String over;

  private volatile boolean finishing;
  private volatile boolean finished;

  /**
   * @param pauseMillis the longest pause between two POSTs
   * @param names whether a POST names its session
   */
  Commander(Client client, Random random, int pauseMillis, boolean names) {
    this.client = client;
    this.account = client.account;
    this.network = client.network;
    this.random = random;
    this.pauseMillis = pauseMillis;
    this.names = names;
    dialect = account.transport() == Transport.TUNNEL ? Dialect.FRAMES : Dialect.COMMANDS;
  }

  void start() {
    NumberingServer.start("commander", this::run);
  }

  /** Sends one more command, which has to arrive, and no other. */
  void finish() {
    finishing = true;
  }

  /** Whether that command has been executed. */
  boolean isFinished() {
    return finished;
  }

  private void run() {
    while (!client.isStopped()) {
      String session = client.sessionId();
      if (session == null || session.equals(over)) {
        client.pause(20);
      } else if (client.isSubscriptionDue()) {
        subscribe(session);
      } else if (finished || !client.maySend()) {
        client.pause(20);
      } else if (finishing) {
        finished = sendLast(session);
      } else {
        send(session, 1 + random.nextInt(3));
        rest(session, random.nextInt(pauseMillis));
      }
    }
  }

  /**
   * Waits, but only while there is nothing more to send, and the page hasn't joined another
   * session, where it subscribes at once.
   */
  private void rest(String session, int millis) {
    for (int waited = 0;
        waited < millis && !finishing && session.equals(client.sessionId());
        waited += REST_MILLIS) {
      client.pause(Math.min(REST_MILLIS, millis - waited));
    }
  }

  private void subscribe(String session) {
    JsonArray answer = post(session, dialect.subscribe(account.session()));
    if (answer != null && dialect.error(answer, 0) == null) {
      client.subscribed(session);
    } else {
      client.pause(100);
    }
    if (random.nextInt(10) == 0) {
      post(session, dialect.rejected());
    }
  }

  private List<Long> send(String session, int count) {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(account.commands().post(session));
    }
    if (client.mutation.losesCommand()) {
      numbers.forEach(number -> account.commands().answered(number, null));
      return numbers;
    }
    String body = dialect.send(account.session(), numbers);
    JsonArray answer = post(session, body);
    if (client.mutation.repeatsCommand()) {
      post(session, body);
    }
    for (int i = 0; i < count; i++) {
      if (answer == null) {
        account.commands().gaveUp(numbers.get(i));
      } else {
        account.commands().answered(numbers.get(i), dialect.error(answer, i));
      }
    }
    return numbers;
  }

  private boolean sendLast(String session) {
    long number = send(session, 1).get(0);
    for (int i = 0; i < 40 && !account.commands().isCarriedOut(number); i++) {
      client.pause(25);
    }
    return account.commands().isCarriedOut(number);
  }

  /** Null if the session ended before there was a response. */
  private JsonArray post(String session, String body) {
    String target =
        client.eventsId() + "?" + dialect.query() + "idempotency-key=" + UUID.randomUUID();
    if (names) {
      target += "&session-id=" + session;
    }
    while (!client.isStopped() && session.equals(client.sessionId())) {
      try {
        RawResponse answer = network.post(account, target, body).send();
        if (answer.status() == 200 && isOf(session, answer)) {
          return answer.jsonArray();
        } else if (isFinal(answer.status())) {
          account.trace().add("commander: " + answer.status());
          over = session;
          return null;
        } else if (answer.status() == 404) {
          // If the page still finds its session, it subscribes again.
          account.trace().add("commander: 404");
          client.reopen();
          rest(session, 500);
          return null;
        }
      } catch (UncheckedIOException e) {
        // The response or the request was lost: repeat it.
      }
      client.pause(network.pause(30 + random.nextInt(50)));
    }
    return null;
  }

  /**
   * Whether its session has ended. A 200 comes from another session, which can't know the outcome
   * of the first POST; a 409 and a 503 are temporary.
   */
  private static boolean isFinal(int status) {
    return status == 200 || status == 403 || status == 410;
  }

  private static boolean isOf(String session, RawResponse answer) {
    return answer.header("x-session-id").orElse("").equals(session);
  }
}
