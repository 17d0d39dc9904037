package cablestream.e2e;

import cablestream.browser.Digest;
import cablestream.support.FreePort;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.Commands;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Three nodes with small heaps behind HAProxy or nginx, with the sample for several nodes. */
final class NodeCluster implements AutoCloseable {
  private final List<Bridge> nodes;
  private final Proxy proxy;

  static NodeCluster start(ProxyProgram program, Container container) {
    List<CompletableFuture<Bridge>> started =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> node(container)))
            .limit(3)
            .toList();
    return new NodeCluster(program, started.stream().map(CompletableFuture::join).toList());
  }

  /** The notice is longer than HAProxy needs to see that a node isn't ready. */
  private static Bridge node(Container container) {
    Bridge node =
        Stage.bridgeWithSettings(container)
            .contextPath("/cable-events")
            .setting("drain.notice", "2s")
            .option("-Xmx128m")
            .start();
    warmUp(node);
    return node;
  }

  /** Two dozen sessions at once are many for a process that has just started. */
  private static void warmUp(Bridge node) {
    Visitor visitor = node.visitor();
    visitor.listenTo(Commands.ECHO).close();
    visitor.delete();
  }

  private NodeCluster(ProxyProgram program, List<Bridge> nodes) {
    this.nodes = nodes;
    Map<String, String> addresses = new HashMap<>();
    addresses.put("127.0.0.1:3000", Proxy.local(Stage.rails().port()));
    for (int i = 0; i < nodes.size(); i++) {
      addresses.put("192.0.2." + (i + 1) + ":8080", Proxy.local(nodes.get(i).port()));
    }
    try {
      String sample = nginx();
      if (program == ProxyProgram.HAPROXY) {
        sample = ProxyProgram.sample("haproxy/cluster.cfg");
        addresses.put("127.0.0.1:10000", Proxy.local(FreePort.find()));
      }
      proxy = Proxy.start(program, sample, addresses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As nginx/cluster.conf describes: the sample for one node lacks its own upstream. */
  private static String nginx() throws IOException {
    String site = ProxyProgram.NGINX.sample();
    String others = site.replaceFirst("upstream cablestream \\{[^}]*}\n", "");
    return ProxyProgram.sample("nginx/cluster.conf") + others;
  }

  Proxy proxy() {
    return proxy;
  }

  Bridge node(int number) {
    return nodes.get(number);
  }

  /** The pages whose session is on a given node. */
  List<BrowserPage> on(int number, List<BrowserPage> pages) {
    return on(nodes.get(number), pages);
  }

  static List<BrowserPage> on(Bridge node, List<BrowserPage> pages) {
    Set<String> hashes = hashes(node);
    return new ArrayList<>(
        pages.stream().filter(page -> hashes.contains(Digest.of(page.session()).hex(4))).toList());
  }

  /** A node's sessions, as named on its status page. */
  private static Set<String> hashes(Bridge node) {
    JsonObject status = node.operate("GET", "/-/status.json").send().json();
    return status
        .getJsonObject("sessions")
        .getJsonArray("list")
        .getValuesAs(JsonObject.class)
        .stream()
        .map(session -> session.getString("session"))
        .collect(Collectors.toSet());
  }

  /** The outcomes of the living nodes' dials, as counted by their metrics. */
  List<String> dials() {
    return nodes.stream()
        .filter(node -> node.process().isAlive())
        .flatMap(node -> node.operate("GET", "/-/metrics").send().text().lines())
        .filter(line -> line.startsWith("cablestream_dial_duration_seconds_count"))
        .filter(line -> !line.endsWith("} 0"))
        .toList();
  }

  @Override
  public void close() {
    proxy.close();
    nodes.forEach(Bridge::close);
  }
}
