package cablestream.standalone;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Runs the bridge in a process of its own until SIGTERM, which drains it first. It exits with 143
 * then, as any Java program does; with 78 where a setting can't be (a restart wouldn't mend it), 2
 * where it is called with arguments, and 1 where it can't start for another reason.
 */
public final class Main {
  private static final String SERVER = "cablestream.standalone.server.StandaloneServer";

  /** EX_CONFIG of sysexits.h. */
  private static final int BAD_CONFIGURATION = 78;

  private static final int BAD_USAGE = 2;
  private static final int FAILED = 1;

  /** One line an event; the JDK's handler writes them to standard error. */
  private static final String LOG_FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s %5$s%6$s%n";

  private static final String USAGE =
      """
      java [-Xmx512m] -Dcablestream.cable.url=ws://127.0.0.1:3000/cable -jar cablestream.war
      takes no arguments; settings are system properties before -jar or environment variables:
      CABLESTREAM_CABLE_URL (where the ActionCable server is; must be set), CABLESTREAM_HTTP_PORT
      (8080), CABLESTREAM_HTTP_HOST (127.0.0.1), CABLESTREAM_HTTP_PATH (/cable-events), and those of
      the README.
      """;

  private final Logger log = Logger.getLogger("cablestream");
  // Loggers are held weakly, and with one its level would go.
  private final Logger jetty = Logger.getLogger("org.eclipse.jetty");
  private volatile UnpackedWar war;
  private volatile Closeable server;

  public static void main(String[] arguments) {
    if (arguments.length > 0) {
      System.err.print(USAGE);
      System.exit(BAD_USAGE);
    }
    setDefault("java.util.logging.manager", LastingLogManager.class.getName());
    setDefault("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    new Main().run();
  }

  /** Returns when the bridge listens; Jetty's threads keep the process. */
  private void run() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "cablestream-stop"));
    if (System.getProperty("java.util.logging.config.file") == null) {
      jetty.setLevel(Level.WARNING);
    }
    try {
      war = new UnpackedWar();
      server = startServer();
    } catch (InvocationTargetException e) {
      System.exit(explain(e.getCause()));
    } catch (IOException | ReflectiveOperationException e) {
      System.exit(explain(e));
    }
  }

  private Closeable startServer() throws IOException, ReflectiveOperationException {
    URLClassLoader loader = war.serverLoader();
    Thread.currentThread().setContextClassLoader(loader);
    return (Closeable)
        loader.loadClass(SERVER).getMethod("start", Path.class).invoke(null, war.directory());
  }

  /** Tells what an operator can mend in a line or two, and anything else with its stack. */
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
