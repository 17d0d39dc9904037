package cablestream.chaos;

import cablestream.support.wire.EventStreamParser;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.ResponseReader;
import cablestream.support.wire.StreamedEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Listens as an EventSource does, and as a page that creates a new one after a fatal error. */
class EventSourceClient extends Client {
  private static final int AWAY_MILLIS = 4_000;

  /**
   * The longest time for which a stream's bytes are on their way, in nanoseconds; longer than any
   * stall.
   */
  private static final long LONGEST_WAY = 4_000_000_000L;

  private final double eventsPerTakeOver;
  private long retry = 100;

  EventSourceClient(
      Ledger account,
      Network network,
      Faults faults,
      Random random,
      Mutation mutation,
      double eventsPerTakeOver) {
    super(account, network, faults, random, mutation);
    this.eventsPerTakeOver = eventsPerTakeOver;
  }

  @Override
  void listen() {
    while (!isStopped()) {
      try {
        connect();
      } catch (IOException e) {
        account.trace().add("client: the stream broke, " + e.getMessage());
        pauseBeforeReconnecting(retry);
      }
    }
  }

  @Override
  final void stillHears() {
    wasThere(System.nanoTime() - LONGEST_WAY);
  }

  /** The query after the events-id. */
  String query() {
    return "?ping=1";
  }

  /** The cursor of a client that has received no event; null for none. */
  String firstCursor() {
    return random.nextBoolean() ? "0" : null;
  }

  private void connect() throws IOException {
    String from = cursor() == null ? firstCursor() : cursor();
    boolean byQuery = from != null && (from.equals("0") || random.nextInt(4) == 0);
    String query = query() + (byQuery ? "&last-event-id=" + from : "");
    RawRequest request = network.stream(account, eventsId() + query);
    if (from != null && !byQuery) {
      request.header("Last-Event-ID", from);
    }
    startsFrom(from);
    Socket socket = open(request);
    boolean abandoned = false;
    try {
      ResponseReader reader = ResponseReader.of(socket);
      RawResponse head = reader.head();
      if (head.status() == 200) {
        abandoned =
            read(
                socket,
                new BufferedReader(
                    new InputStreamReader(reader.body(head, false), StandardCharsets.UTF_8)));
      } else {
        refused(head.status());
      }
    } finally {
      if (!abandoned) {
        Network.close(socket);
      }
    }
  }

  private void refused(int status) {
    account.trace().add("client: the stream is refused with " + status);
    if (status == 204) {
      beginAnew("204");
    } else {
      pause(network.pause(100 + random.nextInt(200)));
    }
  }

  /** Reads until the stream ends or is left; true if it was left open to be taken over. */
  private boolean read(Socket socket, BufferedReader lines) throws IOException {
    EventStreamParser parser = new EventStreamParser();
    long takeOverAfter = (long) (-Math.log(1 - random.nextDouble()) * eventsPerTakeOver) + 1;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      stillHears();
      StreamedEvent event = parser.take(line);
      retry = parser.retry() == null ? retry : Long.parseLong(parser.retry());
      if (event != null) {
        boolean ping = event.name().equals("ping");
        if (!ping && !hear(new Heard(event.id(), event.name(), event.data()))) {
          return false;
        }
        if (account.transport() == Transport.EVENT_SOURCE && mutation.goesAway()) {
          network.abandon(socket, AWAY_MILLIS);
          pause(AWAY_MILLIS);
          return true;
        }
        if (--takeOverAfter <= 0 && !faults.isCalm()) {
          faults.happened(FaultKind.TAKEN_OVER);
          account.trace().add("client: takes over from itself");
          network.abandon(socket, 200 + random.nextInt(1_500));
          return true;
        }
      }
    }
    account.trace().add("client: the stream ended");
    pauseBeforeReconnecting(retry);
    return false;
  }
}
