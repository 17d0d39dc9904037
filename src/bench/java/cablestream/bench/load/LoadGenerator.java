package cablestream.bench.load;

import cablestream.bench.control.Line;
import cablestream.bench.control.Orders;
import cablestream.bench.control.Patience;
import cablestream.bench.wire.Reactor;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * The load generator process. Its orders:
 *
 * <ul>
 *   <li>{@code open kind=stream|poll|direct urls= relayed= count= concurrency=}: opens sessions on
 *       the nodes in turn, moves each to the next node if relayed, then subscribes them
 *   <li>{@code record}: counts and measures from now on
 *   <li>{@code await counts= patience=}: waits until all messages have arrived, or none has for
 *       this many seconds; responds with what was received
 *   <li>{@code stall count=}, {@code resume}: the first clients stop reading; all read again
 *   <li>{@code echo rate= seconds=}: sends this many messages per second, which the server echoes
 *   <li>{@code herd}: from now on all clients reconnect when their session is lost, as browsers do;
 *       {@code back since=}: how many are disconnected, when the others were back and had a message
 *       after a time, and what failed
 *   <li>{@code close farewell=true|false}: ends the sessions, or only closes their sockets
 * </ul>
 */
public final class LoadGenerator {
  private final ClientCrowd crowd = new ClientCrowd();
  private final Reactor reactor = new Reactor(crowd);

  private LoadGenerator() {
    crowd.runBy(reactor);
    Thread thread = new Thread(reactor, "load-generator");
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs until standard input ends. */
  public static void main(String[] arguments) {
    LoadGenerator process = new LoadGenerator();
    new Orders()
        .on("open", process::open)
        .on("record", asked -> process.inside(process.crowd.recorder()::restart))
        .on("await", process::await)
        .on("stall", asked -> process.inside(() -> process.crowd.stall(asked.integer("count"))))
        .on("resume", asked -> process.inside(process.crowd::resume))
        .on("echo", process::echo)
        .on("herd", asked -> process.inside(process.crowd::becomeHerd))
        .on("back", asked -> process.reactor.ask(() -> process.crowd.herd(asked.number("since"))))
        .on("close", process::close)
        .serve();
  }

  private CompletableFuture<Line> inside(Runnable task) {
    return reactor.ask(
        () -> {
          task.run();
          return Line.of("ok");
        });
  }

  private CompletableFuture<Line> open(Line asked) {
    CompletableFuture<Line> outcome = new CompletableFuture<>();
    inside(() -> crowd.open(asked, outcome))
        .exceptionally(
            error -> {
              outcome.completeExceptionally(error);
              return null;
            });
    return outcome;
  }

  private CompletableFuture<Line> await(Line asked) {
    Map<Integer, Long> counts = ClientCrowd.counts(asked.text("counts"));
    long patience = (long) (asked.decimal("patience") * 1e9);
    return CompletableFuture.supplyAsync(
        () -> {
          Patience.waitFor(
              () -> reactor.ask(() -> crowd.hasAll(counts)).join(),
              () -> reactor.ask(() -> crowd.recorder().events()).join(),
              patience);
          return reactor.ask(() -> crowd.report(Line.of("ok"), counts)).join();
        });
  }

  private CompletableFuture<Line> echo(Line asked) {
    double interval = 1e9 / asked.integer("rate");
    long count = (long) (asked.integer("rate") * asked.decimal("seconds"));
    return CompletableFuture.supplyAsync(
        () -> {
          Reactor.sleepExactly();
          long start = System.nanoTime();
          for (long i = 0; i < count; i++) {
            long turn = i;
            long due = start + (long) (i * interval);
            while (System.nanoTime() < due) {
              LockSupport.parkNanos(due - System.nanoTime());
            }
            reactor.execute(() -> crowd.echo(turn, due));
          }
          return Line.of("ok").with("sent", count);
        });
  }

  private CompletableFuture<Line> close(Line asked) {
    if (asked.text("farewell").equals("false")) {
      return inside(crowd::close);
    }
    return CompletableFuture.supplyAsync(
        () -> {
          inside(crowd::farewell).join();
          Patience.waitFor(() -> reactor.ask(crowd::saidFarewell).join(), () -> 0L, 5_000_000_000L);
          return inside(crowd::close).join();
        });
  }
}
