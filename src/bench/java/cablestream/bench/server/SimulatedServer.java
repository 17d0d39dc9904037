package cablestream.bench.server;

import cablestream.bench.control.Line;
import cablestream.bench.control.Orders;
import cablestream.bench.control.Patience;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The process of the simulated server: {@code SimulatedServer PORT}, 0 for any port. Orders:
 *
 * <ul>
 *   <li>{@code state}: the port, the number of connections, upgraded or not, and the number of
 *       cables
 *   <li>{@code pace rate= size= seconds=}: sends this many events per second to all subscribers in
 *       turn; responds when the last one is due
 *   <li>{@code flood size= seconds= frames=}: sends as fast as each subscriber accepts, this many
 *       frames per write
 *   <li>{@code settle patience=}: waits until all due messages are written, or none was for this
 *       many seconds; responds with how many were written for each client, and how many weren't
 *   <li>{@code drop}: closes all connections
 *   <li>{@code meet how=welcome|close|silence}: how new connections are treated; by default they
 *       are welcomed
 *   <li>{@code welcome rate=}: welcomes this many new connections per second, one after the other,
 *       and sends each subscriber a message with its confirmation, until the next {@code meet}
 * </ul>
 */
public final class SimulatedServer {
  private final CableEndpoint server = new CableEndpoint();
  private final Reactor reactor = new Reactor(server);
  private final int port;

  private SimulatedServer(int wantedPort) throws IOException {
    port = reactor.listen(wantedPort, server::accept);
    Thread thread = new Thread(reactor, "simulated-server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    SimulatedServer process = new SimulatedServer(Integer.parseInt(arguments[0]));
    new Orders()
        .on("state", asked -> process.reactor.ask(process::state))
        .on("pace", process::pace)
        .on("flood", process::flood)
        .on("settle", process::settle)
        .on("drop", asked -> process.reactor.ask(process::drop))
        .on("meet", asked -> process.reactor.ask(() -> process.meet(asked.text("how"))))
        .on("welcome", asked -> process.reactor.ask(() -> process.welcome(asked.integer("rate"))))
        .serve();
  }

  private Line state() {
    return Line.of("ok")
        .with("port", port)
        .with("connections", server.connections())
        .with("cables", server.cables());
  }

  private Line drop() {
    server.drop();
    return Line.of("ok");
  }

  private Line meet(String how) {
    server.meet(CableEndpoint.Greeting.valueOf(how.toUpperCase(Locale.ROOT)));
    return Line.of("ok");
  }

  private Line welcome(int perSecond) {
    server.welcome(perSecond);
    return Line.of("ok");
  }

  private CompletableFuture<Line> pace(Line asked) {
    return send(
        () ->
            new PacedSending(
                server.subscribers(),
                new Message(asked.integer("size")),
                asked.integer("rate"),
                asked.decimal("seconds"),
                System.nanoTime()));
  }

  private CompletableFuture<Line> flood(Line asked) {
    return send(
        () ->
            new FloodSending(
                server.subscribers(),
                new Message(asked.integer("size")),
                asked.integer("frames"),
                asked.decimal("seconds"),
                System.nanoTime()));
  }

  private CompletableFuture<Line> send(Supplier<Sending> sending) {
    CompletableFuture<Line> result = new CompletableFuture<>();
    long[] start = new long[1];
    reactor.execute(
        () -> {
          try {
            start[0] = System.nanoTime();
            server.send(
                sending.get(), () -> result.complete(Line.of("ok").with("start", start[0])));
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private CompletableFuture<Line> settle(Line asked) {
    long patience = (long) (asked.decimal("patience") * 1e9);
    return CompletableFuture.supplyAsync(
        () -> {
          Patience.waitFor(
              () -> reactor.ask(server::isSettled).join(),
              () -> reactor.ask(server::sent).join(),
              patience);
          return reactor.ask(() -> server.counts(Line.of("ok"))).join();
        });
  }
}
