package cablestream.standalone;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The bridge as {@code java -jar} runs it, plus the fault that the argument names: for example, all
 * memory is allocated by code that catches the error, as thread pools do.
 */
public final class WhatEndsIt {
  static volatile Object sink;
  private static Object[] hoard = new Object[0];

  private WhatEndsIt() {}

  public static void main(String[] arguments) throws Exception {
    Main.main(new String[0]);
    Runnable attack =
        switch (arguments[0]) {
          case "small" -> () -> take(100);
          case "large" -> () -> take(1 << 20);
          case "at once" -> WhatEndsIt::takeAtOnce;
          case "almost" -> WhatEndsIt::takeAlmostAll;
          case "no timers" -> WhatEndsIt::keepTheTimers;
          case "won't stop" -> WhatEndsIt::refuseToStop;
          case "logged" -> WhatEndsIt::log;
          case "not caught" -> () -> new Thread(WhatEndsIt::fail).start();
          default -> throw new IllegalArgumentException(arguments[0]);
        };
    CompletableFuture.runAsync(attack);
  }

  /** Continues with the next after a failed allocation, and keeps all earlier ones. */
  private static void take(int bytes) {
    for (; ; ) {
      try {
        Object[] next = new Object[2];
        next[0] = hoard;
        next[1] = new byte[bytes];
        hoard = next;
      } catch (OutOfMemoryError e) {
        Thread.yield();
      }
    }
  }

  private static void takeAtOnce() {
    try {
      hoard =
          new Object[] {
            new byte[(int) Math.min(Integer.MAX_VALUE - 8, 2 * Runtime.getRuntime().maxMemory())]
          };
    } catch (OutOfMemoryError e) {
      // The heap is as empty as before.
    }
  }

  /** Runs with a tenth of the heap free, so that it is collected all the time. */
  private static void takeAlmostAll() {
    long max = Runtime.getRuntime().maxMemory();
    int kept = 0;
    while (kept < max * 6 / 10) {
      hoard = new Object[] {hoard, new byte[10_000]};
      kept += 10_000;
    }
    long end = System.nanoTime() + 5_000_000_000L;
    while (System.nanoTime() - end < 0) {
      sink = new byte[10_000];
    }
    System.out.println("> alive");
  }

  private static void keepTheTimers() {
    try {
      Thread timer =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("cablestream-timer"))
              .findFirst()
              .orElseThrow();
      Thread.class.getMethod("suspend").invoke(timer);
      System.out.println("> alive");
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void refuseToStop() {
    Runtime.getRuntime().addShutdownHook(new Thread(WhatEndsIt::sleepForEver));
    System.out.println("> alive");
  }

  private static void sleepForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void log() {
    Logger.getLogger("org.eclipse.jetty").log(Level.WARNING, "a job failed", failure());
  }

  private static void fail() {
    throw failure();
  }

  private static RuntimeException failure() {
    return new IllegalStateException(new OutOfMemoryError("unable to create native thread"));
  }
}
