package cablestream.hardening;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.Nginx;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.Site;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Each way to run the WAR, reached directly and through nginx. */
enum Place {
  JAVA_JAR("java -jar", null, false),
  JETTY("Jetty", Container.JETTY_EE10, false),
  TOMCAT("Tomcat", Container.TOMCAT11, false),
  JAVA_JAR_BEHIND_NGINX("nginx, java -jar", null, true),
  JETTY_BEHIND_NGINX("nginx, Jetty", Container.JETTY_EE10, true),
  TOMCAT_BEHIND_NGINX("nginx, Tomcat", Container.TOMCAT11, true);

  private static final String PATH = "/cable-events";

  private final String text;
  private final Container container;
  private final boolean proxied;

  Place(String text, Container container, boolean proxied) {
    this.text = text;
    this.container = container;
    this.proxied = proxied;
  }

  /** Those that are installed on this machine. */
  static List<Place> all() {
    return Arrays.stream(values()).filter(place -> !place.proxied || Nginx.isThere()).toList();
  }

  /**
   * Alternates between a container's two places, so that consecutive attacks use different ones.
   */
  boolean isInTurn(int turn) {
    int neighbours = values().length / 2;
    return proxied == ((turn + ordinal() % neighbours) % 2 > 0);
  }

  boolean isTomcat() {
    return container != null && container.isTomcat();
  }

  boolean isProxied() {
    return proxied;
  }

  /**
   * Starts a bridge here.
   *
   * @param heapMebibytes the maximum size of its heap
   * @param settings in addition to the address of its Action Cable server
   */
  Besieged start(int heapMebibytes, Map<String, String> settings, String... options) {
    List<String> all = new ArrayList<>(List.of("-Xmx" + heapMebibytes + "m"));
    all.addAll(List.of(options));
    CableServer cable = CableServer.forgetful();
    all.add("-Dcablestream.cable.url=" + cable.url());
    settings.forEach((name, value) -> all.add("-Dcablestream." + name + "=" + value));
    return container == null ? standalone(cable, all) : deployed(cable, all);
  }

  private Besieged standalone(CableServer cable, List<String> options) {
    List<String> command = new ArrayList<>(List.of(StandaloneBridge.java()));
    command.addAll(options);
    command.addAll(
        List.of(
            StandaloneBridge.EXITS,
            "-Djava.io.tmpdir=.",
            "-Dcablestream.http.port=0",
            "-Dcablestream.warm-up=0s",
            "-jar"));
    command.add(Path.of("").resolve(Bridge.WAR).toAbsolutePath().toString());
    StandaloneBridge bridge = StandaloneBridge.run(Map.of(), command);
    int port = bridge.awaitListening().port();
    return new Besieged(cable, bridge.process(), new Site(port, PATH), nginx(port));
  }

  private Besieged deployed(CableServer cable, List<String> options) {
    Bridge.Builder builder = Bridge.in(container).contextPath(PATH);
    // With both compilers: the waits of other clients are measured.
    builder.option("-XX:TieredStopAtLevel=4");
    options.forEach(builder::option);
    // As in the server.xml that Tomcat and Debian ship, and in the sample for Jetty. By default,
    // Jetty's cache of header lines occupies 100 KiB per connection, 200 threads compete for the
    // processors, and the kernel accepts much of each unread response, all of which has to be
    // produced first.
    if (isTomcat()) {
      builder.option("-Dconnector.connectionTimeout=20000");
    } else {
      builder.option("-Djetty.httpConfig.headerCacheSize=0");
      builder.option("-Djetty.threadPool.maxThreads=64");
      builder.option("-Djetty.http.acceptQueueSize=4096");
      builder.option("-Djetty.http.acceptedSendBufferSize=65536");
    }
    Bridge bridge = builder.start();
    Site site = new Site(bridge.port(), PATH);
    return new Besieged(cable, bridge.process(), site, nginx(bridge.port()));
  }

  private Nginx nginx(int port) {
    return proxied ? Nginx.before(port) : null;
  }

  @Override
  public String toString() {
    return text;
  }
}
