package cablestream.support.webapp;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;

final class TomcatHost implements WebApplication.Host {
  private final Tomcat tomcat = new Tomcat();
  private final Path directory = Files.createTempDirectory("tomcat");

  TomcatHost(Path folder) throws Exception {
    tomcat.setBaseDir(directory.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addWebapp(WebApplication.BASE, folder.toString());
    context.setParentClassLoader(getClass().getClassLoader());
    // The tests' class path also contains Jetty's WebSocket, which starts in Jetty only.
    ((StandardContext) context).setContainerSciFilter(".*");
    StandardJarScanner scanner = new StandardJarScanner();
    scanner.setScanClassPath(false);
    context.setJarScanner(scanner);
    tomcat.start();
    if (!context.getState().isAvailable()) {
      close();
      throw new IllegalStateException("the web application didn't start");
    }
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
    WebApplication.delete(directory);
  }
}
