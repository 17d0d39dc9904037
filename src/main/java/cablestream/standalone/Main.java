package cablestream.standalone;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Runs the bridge in a process of its own until SIGTERM, which drains it first. The exit status is
 * then 143, as of any Java program. Otherwise it is 78 if a setting or the heap's size is invalid
 * (a restart doesn't help), 3 after an OutOfMemoryError (a restart helps), 2 for unknown arguments,
 * and 1 if it can't start for another reason. {@code --check} and {@code --health} exit with 0 for
 * success, with 1 for a failure, and otherwise as above.
 */
public final class Main {
  private static final String SERVER = "cablestream.standalone.server.StandaloneServer";
  private static final String CHECK = "cablestream.CableCheck";
  private static final String SETTINGS = "cablestream.config.EnvironmentFile";

  private static final Set<String> COMMANDS =
      Set.of("--check", "--demo", "--settings", "--health", "--version", "--help");

  /** EX_CONFIG of sysexits.h. */
  private static final int BAD_CONFIGURATION = 78;

  private static final int BAD_USAGE = 2;
  private static final int FAILED = 1;

  /**
   * What the virtual machine reports for {@code -Xmx64m}: it leaves out what only collections use,
   * up to a ninth. With less the bridge would spend its time in garbage collection.
   */
  private static final long MIN_HEAP = 56L << 20;

  /** The duration of a stop without its drain, if every part that it waits for hangs. */
  private static final long STOP_MILLIS = 10_000;

  /** One line per event; the JDK's handler writes to standard error. */
  private static final String LOG_FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s %5$s%6$s%n";

  private static final String USAGE =
      """
      Runs the bridge:
        java -Xmx512m -XX:+ExitOnOutOfMemoryError \\
          -Dcablestream.cable.url=ws://127.0.0.1:3000/cable -jar cablestream.war

      Settings are system properties before -jar, or environment variables. CABLESTREAM_CABLE_URL
      (where the Action Cable server is) must be set. The others include CABLESTREAM_HTTP_PORT
      (8080), CABLESTREAM_HTTP_HOST (127.0.0.1) and CABLESTREAM_HTTP_PATH (/cable-events).

      Instead of running, after -jar cablestream.war:
        --check [ORIGIN]  reads the settings, connects to the Action Cable server once, as for a
                          page of that origin, and to the store, and reports what is wrong
        --demo            runs with an Action Cable server of its own, to try things out: the
                          console is at http://localhost:8080/
        --settings        prints every setting, as a file of environment variables
        --health          asks the bridge that runs here whether it is alive
        --version         prints the version
        --help            prints this

      Exit status: 0 all is well, 1 something isn't, 2 unknown argument, 3 out of memory,
      78 invalid setting, 143 stopped by SIGTERM.

      Documentation: docs/README.md in the source of this version.
      """;

  private final Logger log = Logger.getLogger("cablestream");
  // Loggers are referenced weakly, and a collected logger loses its level.
  private final Logger jetty = Logger.getLogger("org.eclipse.jetty");

  /** Logs exceptions with the request's path, which names the session. */
  private final Logger paths = Logger.getLogger("org.eclipse.jetty.ee10.servlet.ServletChannel");

  private final LastResort lastResort = new LastResort();
  private volatile UnpackedWar war;
  private volatile Closeable server;
  private volatile long patienceMillis;

  public static void main(String[] arguments) {
    setDefault("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    if (arguments.length == 0 || List.of(arguments).equals(List.of("--demo"))) {
      setDefault("java.util.logging.manager", LastingLogManager.class.getName());
      new Main().run(arguments.length == 0 ? "start" : "demonstrate");
      return;
    }
    String command = arguments[0];
    boolean hasOrigin =
        command.equals("--check") && arguments.length > 1 && !arguments[1].startsWith("-");
    int understood = COMMANDS.contains(command) ? hasOrigin ? 2 : 1 : 0;
    System.exit(
        arguments.length > understood
            ? refuse(arguments[understood])
            : carryOut(command, hasOrigin ? arguments[1] : null));
  }

  /**
   * Carries out a command instead of running, and returns the exit status.
   *
   * @param origin null for none
   */
  private static int carryOut(String command, String origin) {
    return switch (command) {
      case "--help" -> print(USAGE);
      case "--version" -> print(version());
      case "--health" -> health();
      case "--check" -> new Main().print(CHECK, origin);
      default -> new Main().print(SETTINGS, null);
    };
  }

  private static int print(String text) {
    System.out.print(text);
    return 0;
  }

  private static String version() {
    return "cablestream %s, Java %s%n"
        .formatted(
            Main.class.getPackage().getImplementationVersion(), System.getProperty("java.version"));
  }

  /** Names the argument without its value, which may be a secret. */
  private static int refuse(String argument) {
    String name = argument.replaceFirst("=.*", "=…").replaceAll("\\p{Cntrl}", "");
    System.err.println(
        argument.matches("-[DX].*")
            ? name + " belongs before -jar: java " + name + " -jar cablestream.war"
            : "unknown argument " + name);
    System.err.println("--help lists the arguments");
    return BAD_USAGE;
  }

  private static int health() {
    try {
      return print("healthy: " + HealthCheck.run() + "\n");
    } catch (IOException e) {
      System.err.println("not healthy: " + e.getMessage());
      return FAILED;
    }
  }

  /**
   * Calls a command among the server's classes, which prints its result.
   *
   * @param argument null for none
   */
  private int print(String from, String argument) {
    // The command prints on standard output what the log would contain.
    log.setLevel(Level.SEVERE);
    jetty.setLevel(Level.SEVERE);
    try (UnpackedWar unpacked = new UnpackedWar()) {
      Object well =
          unpacked
              .serverLoader()
              .loadClass(from)
              .getMethod("print", String.class, PrintStream.class)
              .invoke(null, argument, System.out);
      return well.equals(true) ? 0 : FAILED;
    } catch (InvocationTargetException e) {
      return explain(e.getCause());
    } catch (IOException | ReflectiveOperationException e) {
      return explain(e);
    }
  }

  /**
   * Returns when the bridge listens; Jetty's threads keep the process running.
   *
   * @param how the name of the server's method
   */
  private void run(String how) {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "cablestream-stop"));
    if (System.getProperty("java.util.logging.config.file") == null) {
      jetty.setLevel(Level.WARNING);
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new LogLines());
      }
    }
    paths.setLevel(Level.OFF);
    Logger.getLogger("").addHandler(lastResort);
    lastResort.start();
    requireHeap(Runtime.getRuntime().maxMemory());
    if (!LastResort.doesMachineExit() && !how.equals("demonstrate")) {
      log.warning(
          "event=doubtful_option add -XX:+ExitOnOutOfMemoryError before -jar:"
              + " without it the process goes on when its heap is full");
    }
    try {
      war = new UnpackedWar();
      server = startServer(how);
    } catch (InvocationTargetException e) {
      System.exit(explain(e.getCause()));
    } catch (IOException | ReflectiveOperationException e) {
      System.exit(explain(e));
    }
  }

  private void requireHeap(long bytes) {
    if (bytes < MIN_HEAP) {
      log.severe(
          "event=bad_configuration the heap may have %d MiB; the least is 64: -Xmx64m"
              .formatted(bytes >> 20));
      System.exit(BAD_CONFIGURATION);
    }
  }

  private Closeable startServer(String how) throws IOException, ReflectiveOperationException {
    ClassLoader loader = war.serverLoader();
    Thread.currentThread().setContextClassLoader(loader);
    Class<?> type = loader.loadClass(SERVER);
    Closeable started = (Closeable) type.getMethod(how, UnpackedWar.class).invoke(null, war);
    patienceMillis = (long) type.getMethod("patienceMillis").invoke(started);
    return started;
  }

  /** Logs a problem that an operator can solve in a line or two, any other with its stack. */
  private int explain(Throwable failure) {
    if (failure instanceof IllegalArgumentException) {
      failure.getMessage().lines().forEach(line -> log.severe("event=bad_configuration " + line));
      return BAD_CONFIGURATION;
    }
    if (failure instanceof IOException) {
      log.severe("event=not_started error=" + failure);
    } else {
      log.log(Level.SEVERE, "event=not_started", failure);
    }
    return FAILED;
  }

  private void stop() {
    lastResort.limitStop(patienceMillis + STOP_MILLIS);
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException e) {
      log.log(Level.SEVERE, "event=close_failed part=server", e);
    }
    if (war != null) {
      war.close();
    }
    if (LogManager.getLogManager() instanceof LastingLogManager manager) {
      manager.close();
    }
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
