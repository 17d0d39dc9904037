package cablestream.support.embedded;

import jakarta.servlet.ServletContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** A servlet container in this process, on a free port of the loopback interface. */
public interface EmbeddedContainer extends AutoCloseable {
  int port();

  /** Stops the web application and the container, as an operator would, and waits for both. */
  @Override
  void close();

  /** The containers; the name appears in test reports. */
  enum Kind {
    JETTY_EE10,
    TOMCAT_11;

    /** Held here, because the level of a logger that is no longer referenced is lost. */
    private static final List<Logger> QUIET =
        List.of(Logger.getLogger("org.eclipse.jetty"), Logger.getLogger("org.apache"));

    /**
     * @param idle the container's idle timeout of a connection, unless something overrides it
     * @param application what the web application registers when it starts
     */
    public EmbeddedContainer start(Duration idle, Consumer<ServletContext> application)
        throws Exception {
      QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
      return switch (this) {
        case JETTY_EE10 -> new JettyContainer(idle, application);
        case TOMCAT_11 -> new TomcatContainer(idle, application);
      };
    }

    public EmbeddedContainer start(Consumer<ServletContext> application) throws Exception {
      return start(Duration.ofSeconds(30), application);
    }
  }

  /** For {@code @MethodSource}. */
  static Stream<Kind> containers() {
    return Stream.of(Kind.values());
  }
}
