package cablestream.e2e;

import cablestream.support.FreePort;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three nodes that share sessions by way of Valkey, behind an HAProxy that gives a request to any
 * of them.
 */
final class RoundRobin implements AutoCloseable {
  private static final int NODES = 3;
  private static final String LOOPBACK = "127.0.0.1";
  private static final String SECRET = "a-secret-that-only-the-nodes-know-0123456789";

  private final ValkeyServer store;
  private final List<Bridge> nodes;
  private final IntFunction<String> hosts;
  private final Container container;
  private final String contextPath;
  private final Map<String, String> settings;
  private final int port = FreePort.find();
  private ChildProcess plain;
  private Proxy site;

  /** Each request to the next, by one that mends nothing: any error is a node's. */
  static RoundRobin plain(Container container) {
    return plain(container, ValkeyServer.Kind.SINGLE);
  }

  /** The same, by another kind of store. */
  static RoundRobin plain(Container container, ValkeyServer.Kind kind) {
    RoundRobin started =
        new RoundRobin(kind, container, "/bridge", Map.of(), i -> LOOPBACK, Bridge.WAR);
    started.startPlain();
    return started;
  }

  /** Behind one with the sample of src/deploy. */
  static RoundRobin site(Container container, Map<String, String> settings) {
    return site(container, settings, i -> LOOPBACK, Bridge.WAR);
  }

  /** The same, of another version. */
  static RoundRobin site(Container container, Map<String, String> settings, Path war) {
    return site(container, settings, i -> LOOPBACK, war);
  }

  /**
   * The same, whose nodes reach one another by addresses of their own.
   *
   * @param hosts by the node's number; Jetty's only
   */
  static RoundRobin site(
      Container container, Map<String, String> settings, IntFunction<String> hosts) {
    return site(container, settings, hosts, Bridge.WAR);
  }

  private static RoundRobin site(
      Container container, Map<String, String> settings, IntFunction<String> hosts, Path war) {
    RoundRobin started =
        new RoundRobin(ValkeyServer.Kind.SINGLE, container, "/cable-events", settings, hosts, war);
    started.site = started.startSite();
    return started;
  }

  /**
   * @param settings of all nodes, beside those that make them a cluster
   */
  private RoundRobin(
      ValkeyServer.Kind kind,
      Container container,
      String contextPath,
      Map<String, String> settings,
      IntFunction<String> hosts,
      Path war) {
    store = ValkeyServer.start(kind);
    this.hosts = hosts;
    // Made here: the stage is locked by this thread while it is being set.
    List<Bridge.Builder> builders =
        IntStream.range(0, NODES)
            .mapToObj(i -> node(i, container, contextPath, settings, FreePort.find()).war(war))
            .toList();
    List<CompletableFuture<Bridge>> started =
        builders.stream().map(each -> CompletableFuture.supplyAsync(each::start)).toList();
    nodes = new CopyOnWriteArrayList<>(started.stream().map(CompletableFuture::join).toList());
    this.container = container;
    this.contextPath = contextPath;
    this.settings = settings;
  }

  private void startPlain() {
    Path directory = ChildProcess.newDirectory("round-robin");
    Path configuration = directory.resolve("configuration");
    try {
      Files.writeString(configuration, configuration());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    plain =
        ChildProcess.start(
            directory, Map.of(), List.of("/usr/sbin/haproxy", "-f", configuration.toString()));
    plain.awaitListening(port);
  }

  private Proxy startSite() {
    Map<String, String> addresses = new HashMap<>();
    addresses.put("127.0.0.1:3000", Proxy.local(Stage.rails().port()));
    for (int i = 0; i < NODES; i++) {
      addresses.put("192.0.2." + (i + 1) + ":8080", Proxy.local(nodes.get(i).port()));
    }
    try {
      return Proxy.start(
          ProxyProgram.HAPROXY, ProxyProgram.sample("haproxy/any-node.cfg"), addresses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Bridge.Builder node(
      int number, Container container, String contextPath, Map<String, String> settings, int own) {
    String host = hosts.apply(number);
    Bridge.Builder builder =
        Stage.bridgeWithSettings(container)
            .port(own)
            .contextPath(contextPath)
            .setting("cluster.store", store.url())
            .setting("cluster.secret", SECRET)
            .setting("cluster.address", "http://" + host + ":" + own + contextPath);
    if (!host.equals(LOOPBACK)) {
      builder.option("-Djetty.http.host=0.0.0.0");
    }
    settings.forEach(builder::setting);
    store.trustOptions().forEach(builder::option);
    return builder;
  }

  /**
   * Without a retry, so that nothing is mended by it; what a request may have is the nodes' limit.
   */
  private String configuration() {
    return """
        global
          maxconn 2000
          tune.bufsize 65536
          tune.http.maxhdr 200
        defaults
          mode http
          timeout connect 2s
          timeout client 75s
          timeout server 75s
        listen nodes
          bind 127.0.0.1:%d
          balance roundrobin
          retries 0
        %s
        """
        .formatted(
            port,
            nodes.stream()
                .map(node -> "  server node-%1$d 127.0.0.1:%1$d".formatted(node.port()))
                .collect(Collectors.joining("\n")));
  }

  /** All of them, as their users reach them. */
  Bridge front() {
    return nodes.get(0).behind(port);
  }

  /** The same, on the site of the sample. */
  Proxy site() {
    return site;
  }

  List<Bridge> nodes() {
    return nodes;
  }

  Bridge node(int number) {
    return nodes.get(number);
  }

  /** A node is killed, and another one started where it was, as soon as that goes. */
  void restart(int number) {
    Bridge killed = nodes.get(number);
    killed.process().kill();
    nodes.set(number, node(number, container, contextPath, settings, killed.port()).start());
  }

  /** A node is drained and stopped, and one of the WAR that was built last started in its place. */
  void upgrade(int number) {
    nodes.get(number).operate("POST", "/-/drain").body("").send();
    restart(number);
  }

  ValkeyServer store() {
    return store;
  }

  @Override
  public void close() {
    if (plain != null) {
      plain.close();
    }
    if (site != null) {
      site.close();
    }
    nodes.forEach(Bridge::close);
    store.close();
  }
}
