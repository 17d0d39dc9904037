package cablestream.support.launchers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A container with one WAR, in a process of its own. It reads commands from its standard input, one
 * per line, and answers each with a line that starts with {@code >}. It stops at the end of that
 * input and at SIGTERM. The log goes to standard error.
 */
abstract class Launcher {
  private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

  /** Starts the container without the WAR; it doesn't listen yet. */
  abstract void start() throws Exception;

  /**
   * Lets it listen. The WAR is deployed first, as an installed container deploys it: otherwise a
   * client that comes back to a restarted one receives the container's 404.
   *
   * @param port 0 for any free one
   * @return the port on which it listens
   */
  abstract int listen(int port) throws Exception;

  /**
   * Deploys the WAR.
   *
   * @return the deployment's class loader, or null if the application could not be started
   */
  abstract ClassLoader deploy() throws Exception;

  abstract void undeploy() throws Exception;

  final void run(int port) throws Exception {
    start();
    String deployed = deployed();
    answer(deployed + " " + listen(port));
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answer(
          switch (line) {
            case "deploy" -> deployed();
            case "undeploy" -> {
              undeploy();
              yield "undeployed";
            }
            case "loaders" -> reachableLoaders();
            case "heap" -> heap();
            case "threads" ->
                Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .collect(Collectors.joining("|"));
            default -> "unknown";
          });
    }
    System.exit(0);
  }

  private String deployed() throws Exception {
    ClassLoader loader = deploy();
    if (loader == null) {
      return "failed";
    }
    loaders.add(new WeakReference<>(loader));
    return "deployed";
  }

  /** The deployments whose class loaders remain after a full collection, the first being 1. */
  private String reachableLoaders() {
    System.gc();
    return IntStream.rangeClosed(1, loaders.size())
        .filter(deployment -> loaders.get(deployment - 1).get() != null)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  /** KiB in use after a collection: of the heap, and of buffers outside of it. */
  private static String heap() {
    System.gc();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return heap / 1_024 + " " + direct / 1_024;
  }

  private static void answer(String line) {
    System.out.println("> " + line);
  }
}
