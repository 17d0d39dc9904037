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
 * Three nodes that share sessions by Valkey, behind an HAProxy that sends each request to the next
 * one.
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

  /** Behind one without retries: each error comes from a node. */
  static RoundRobin plain(Container container) {
    return plain(container, ValkeyServer.Kind.SINGLE);
  }

  /** The same, with another kind of store. */
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

  /** The same, with another version. */
  static RoundRobin site(Container container, Map<String, String> settings, Path war) {
    return site(container, settings, i -> LOOPBACK, war);
  }

  /**
   * The same, with nodes that reach one another by addresses of their own.
   *
   * @param hosts by the node's number; for Jetty only
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
   * @param settings of all nodes, in addition to those of the cluster
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
    // Created here, because this thread holds the stage's lock during its setup.
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

  /** Without retries, so that they hide nothing; the limits of a request are the nodes'. */
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

  /** All nodes, as their users reach them. */
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

  /** Kills a node, and immediately starts another one at the same address. */
  void restart(int number) {
    Bridge killed = nodes.get(number);
    killed.process().kill();
    nodes.set(number, node(number, container, contextPath, settings, killed.port()).start());
  }

  /** Drains and stops a node, and starts one with the WAR that was built last in its place. */
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
