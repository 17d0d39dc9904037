package cablestream.bench.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A child's side: executes the lines of standard input one after the other, and responds to each
 * with {@code ok …} or {@code error …}. Ends when the input ends.
 */
public final class Orders {
  /** Executes one kind of order. */
  @FunctionalInterface
  public interface Order {
    CompletableFuture<Line> carryOut(Line asked);
  }

  private final Map<String, Order> orders = new TreeMap<>();

  /** Sets the meaning of a word. */
  public Orders on(String word, Order order) {
    orders.put(word, order);
    return this;
  }

  /** Executes orders until the input ends. */
  public void serve() {
    orders.put("clock", asked -> CompletableFuture.completedFuture(clock()));
    PrintStream out = System.out;
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        out.println(answer(Line.parse(text)));
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Line clock() {
    return Line.of("ok").with("now", System.nanoTime());
  }

  private Line answer(Line asked) {
    Order order = orders.get(asked.word());
    if (order == null) {
      return error("no order is called " + asked.word() + "; there are " + orders.keySet());
    }
    try {
      return order.carryOut(asked).join();
    } catch (CompletionException | IllegalStateException | IllegalArgumentException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      cause.printStackTrace();
      return error(cause.toString());
    }
  }

  private static Line error(String why) {
    return Line.of("error").with("why", why.replaceAll("\\s+", "_"));
  }
}
