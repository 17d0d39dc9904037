package cablestream.chaos;

import cablestream.support.wire.RawResponse;
import cablestream.support.wire.ResponseReader;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Polls repeatedly, each time from the last received event. In a network whose pauses aren't
 * shortened it waits after a failure as long as cablestream.js.
 */
final class LongPollClient extends Client {
  private static final String MESSAGES = "{\"messages\":[";
  private static final String SESSION = "\"session_id\":\"";

  LongPollClient(Ledger account, Network network, Faults faults, Random random, Mutation mutation) {
    super(account, network, faults, random, mutation);
  }

  @Override
  void listen() {
    while (!isStopped()) {
      try {
        poll();
      } catch (IOException e) {
        account.trace().add("client: the poll broke, " + e.getMessage());
        pause(network.pause(100 + random.nextInt(100)));
      }
    }
  }

  private void poll() throws IOException {
    String from = cursor() == null ? "0" : cursor();
    startsFrom(from);
    int max = 1 + random.nextInt(200);
    String query = "?timeout=1&poll-queue=" + max + "&last-event-id=" + from;
    Socket socket = open(network.poll(account, eventsId() + query));
    if (random.nextInt(50) == 0 && !faults.isCalm()) {
      faults.happened(FaultKind.TAKEN_OVER);
      network.abandon(socket, 200 + random.nextInt(1_000));
      return;
    }
    try (socket) {
      RawResponse answer = ResponseReader.of(socket).answer(false);
      if (answer.status() == 200) {
        answered(answer.text());
      } else {
        refused(answer.status());
      }
    }
  }

  private void refused(int status) {
    account.trace().add("client: the poll is refused with " + status);
    if (status == 204 || status == 410) {
      beginAnew("" + status);
    } else {
      pause(network.pause(100 + random.nextInt(200)));
    }
  }

  private void answered(String body) {
    List<String> messages = new ArrayList<>();
    int end = split(body, MESSAGES.length(), messages);
    int session = body.indexOf(SESSION, end) + SESSION.length();
    String sessionId = body.substring(session, body.indexOf('"', session));
    boolean greeted = !messages.isEmpty() && messages.get(0).startsWith("{\"type\":\"joined\"");
    if (!greeted) {
      account.events().answeredBy(sessionId, cursor() != null);
      belongsTo(sessionId);
    }
    for (String message : messages) {
      if (!hear(Heard.ofPoll(message))) {
        return;
      }
    }
  }

  /**
   * Splits a JSON array into its objects, unchanged.
   *
   * @return the position of its closing bracket
   */
  static int split(String json, int from, List<String> objects) {
    int depth = 0;
    int start = from;
    boolean quoted = false;
    for (int i = from; i < json.length(); i++) {
      char c = json.charAt(i);
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        start = depth++ == 0 ? i : start;
      } else if (c == '}' || c == ']') {
        if (depth == 0) {
          return i;
        }
        if (--depth == 0) {
          objects.add(json.substring(start, i + 1));
        }
      }
    }
    throw new IllegalArgumentException("an array without an end");
  }
}
