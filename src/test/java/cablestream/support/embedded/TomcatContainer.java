package cablestream.support.embedded;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;

final class TomcatContainer implements EmbeddedContainer {
  private final Tomcat tomcat = new Tomcat();
  private final Path directory;

  TomcatContainer(Duration idle, Consumer<ServletContext> application) throws Exception {
    directory = Files.createTempDirectory("tomcat");
    tomcat.setBaseDir(directory.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    var connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("connectionTimeout", Long.toString(idle.toMillis()));
    connector.setProperty("maxThreads", "20");
    // By default every hundredth response ends its connection.
    connector.setProperty("maxKeepAliveRequests", "-1");
    StandardContext context = (StandardContext) tomcat.addContext("", directory.toString());
    // By default stopping waits two seconds for open streams.
    context.setUnloadDelay(50);
    context.addServletContainerInitializer(
        (classes, servlets) -> application.accept(servlets), Set.of());
    tomcat.start();
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      tomcat.stop();
      tomcat.destroy();
      all.sorted(Comparator.reverseOrder()).forEach(TomcatContainer::delete);
    } catch (IOException | LifecycleException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
