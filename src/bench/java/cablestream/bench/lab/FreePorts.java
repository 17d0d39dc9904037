package cablestream.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports for servers that have to know theirs before they start. */
public final class FreePorts {
  /** Below those that the kernel gives to clients: one of them might take it meanwhile. */
  private static final int FIRST = 21_000;

  private static final int LAST = 22_000;

  private FreePorts() {}

  /**
   * So many different ones that nobody listens on now.
   *
   * @throws IllegalStateException if there are fewer
   */
  public static List<Integer> find(int count) {
    List<Integer> found = new ArrayList<>();
    for (int port = FIRST; port < LAST && found.size() < count; port++) {
      if (isFree(port)) {
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw new IllegalStateException("no port is free from " + FIRST + " to " + LAST);
    }
    return found;
  }

  private static boolean isFree(int port) {
    try (ServerSocket free = new ServerSocket(port)) {
      return free.isBound();
    } catch (BindException taken) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
