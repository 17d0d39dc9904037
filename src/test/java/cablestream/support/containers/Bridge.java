package cablestream.support.containers;

import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The packaged WAR, deployed in a container that runs in a process of its own. */
public final class Bridge implements AutoCloseable {
  /** The output of {@code mvn package}. */
  public static final Path WAR = Path.of("target", "cablestream.war");

  /** The setting operator.token of each bridge, unless a test sets another one. */
  public static final String OPERATOR_TOKEN = "token-of-the-tests";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Container container;
  private final ChildProcess process;
  private final String contextPath;
  private final int port;
  private int deployments = 1;
  private boolean isDeployed = true;

  /** A builder for a bridge that hasn't been started. */
  public static Builder in(Container container) {
    return new Builder(container);
  }

  private Bridge(Container container, ChildProcess process, String contextPath) {
    this.container = container;
    this.process = process;
    this.contextPath = contextPath;
    String[] outcome =
        process.await(0, Pattern.compile("^> (\\w+ \\d+)$"), PATIENCE).group(1).split(" ");
    if (!outcome[0].equals("deployed")) {
      throw new AssertionError("The WAR could not be deployed:\n" + process.log());
    }
    port = Integer.parseInt(outcome[1]);
  }

  /** The same bridge, reached through the port of a proxy. */
  public Bridge behind(int proxy) {
    return new Bridge(this, proxy);
  }

  private Bridge(Bridge bridge, int port) {
    container = bridge.container;
    process = bridge.process;
    contextPath = bridge.contextPath;
    this.port = port;
  }

  public int port() {
    return port;
  }

  /** Where the WAR is deployed, without a slash at its end. */
  public URI base() {
    return URI.create("http://127.0.0.1:" + port + (contextPath.equals("/") ? "" : contextPath));
  }

  public Site site() {
    return new Site(port, base().getPath());
  }

  /** A new visitor on a page of the bridge's own site. */
  public Visitor visitor() {
    return Visitor.of(site());
  }

  /**
   * A request to the bridge. {@code target} is what follows the context path, including the slash.
   */
  public RawRequest request(String method, String target) {
    return RawRequest.of(method, port, base().getPath() + target);
  }

  /** The same with the operator's token. */
  public RawRequest operate(String method, String target) {
    return request(method, target).header("Authorization", "Bearer " + OPERATOR_TOKEN);
  }

  /** Undeploys the web application from the running container. */
  public void undeploy() {
    expect("undeploy", "undeployed");
    isDeployed = false;
  }

  /** Deploys it again. */
  public void deploy() {
    expect("deploy", "deployed");
    isDeployed = true;
    deployments++;
  }

  private void expect(String command, String answer) {
    String said = process.ask(command, PATIENCE);
    if (!said.equals(answer)) {
      throw new AssertionError(command + ": " + said + "\n" + process.log());
    }
  }

  /**
   * Waits until the class loaders of all former deployments have been collected. In Jetty one of
   * them, the last that served requests, may remain: it was seen to stay in memory although a heap
   * dump showed no path to it from any root, and no cause in the bridge was found, while all
   * earlier ones had been collected. A leak that adds up with each redeployment is still found.
   *
   * @throws AssertionError if one remains; it names the deployments, the first being 1, and the
   *     file of a heap dump in which to look for what holds their class loaders
   */
  public void awaitCollectionOfFormerDeployments(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    List<Integer> left = formerDeployments();
    while (left.size() > (container.isTomcat() ? 0 : 1)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "%s, Java %s: of deployments %s of %d the class loader is still in memory; see %s"
                .formatted(container, Runtime.version(), left, deployments, dumpHeap()));
      }
      pause();
      left = formerDeployments();
    }
  }

  /**
   * The same after deployments that were busy, where the container releases those: before Java 24 a
   * thread keeps references from its creator's stack, and Tomcat starts workers from within a write
   * when all others are busy (docs/restarts.md).
   */
  public void awaitCollectionOfBusyDeployments(Duration timeout) {
    if (!container.isTomcat() || Runtime.version().feature() >= 24) {
      awaitCollectionOfFormerDeployments(timeout);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<Integer> formerDeployments() {
    return Stream.of(process.ask("loaders", PATIENCE).split(" "))
        .filter(number -> !number.isEmpty())
        .map(Integer::valueOf)
        .filter(number -> !isDeployed || number < deployments)
        .toList();
  }

  private Path dumpHeap() {
    Path file = process.directory().resolveSibling(process.directory().getFileName() + ".hprof");
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      new ProcessBuilder(jcmd, "" + process.pid(), "GC.heap_dump", "-overwrite", file.toString())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return file;
  }

  /**
   * Memory in use by the container's process, after a collection.
   *
   * @param heap KiB on the heap
   * @param direct KiB in buffers outside of the heap
   * @param resident KiB of physical memory, as the kernel counts it
   */
  public record Memory(long heap, long direct, long resident) {}

  public Memory memory() {
    String[] used = process.ask("heap", PATIENCE).split(" ");
    return new Memory(Long.parseLong(used[0]), Long.parseLong(used[1]), resident());
  }

  private long resident() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      String line = lines.filter(it -> it.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all threads in the container's process. */
  public List<String> threads() {
    return List.of(process.ask("threads", PATIENCE).split("\\|"));
  }

  /**
   * Tomcat's reports of leaks by the application. Those about Tomcat's own background thread,
   * caught in the middle of its work, are excluded.
   */
  public List<String> leaks() {
    return log()
        .lines()
        .filter(line -> line.contains("memory leak") && !line.contains("[Catalina-utility-"))
        .toList();
  }

  /** All that the container and the bridge have logged. */
  public String log() {
    return process.log();
  }

  /** The process, to inspect or kill it from outside. */
  public ChildProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }

  /** The settings and options of a bridge. */
  public static final class Builder {
    private final Container container;
    private final Map<String, String> environment = new LinkedHashMap<>();

    /** With the first compiler alone, which takes less processor time in processes this short. */
    private final List<String> options =
        new ArrayList<>(
            List.of(
                "-ea:cablestream...",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=.",
                "-Dcablestream.operator.token=" + OPERATOR_TOKEN,
                "-Djava.util.logging.SimpleFormatter.format=%1$tT.%1$tL %4$s %3$s %5$s%6$s%n"));

    private String contextPath = "/bridge";
    private Path contextFile;
    private Path war = WAR;
    private int port;

    private Builder(Container container) {
      this.container = container;
      if (container.isTomcat()) {
        // As catalina.sh does, so that Tomcat can look for leaks.
        for (String module : List.of("java.lang", "java.io", "java.util", "java.util.concurrent")) {
          options.add("--add-opens=java.base/" + module + "=ALL-UNNAMED");
        }
        options.add("--add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED");
      }
    }

    /** {@code /} for the root. */
    public Builder contextPath(String path) {
      contextPath = path;
      return this;
    }

    /**
     * A setting, given as a system property.
     *
     * @param name without the prefix, as in {@code cable.url}
     */
    public Builder setting(String name, String value) {
      return option("-Dcablestream." + name + "=" + value);
    }

    /** A WAR other than the one that was built last. */
    public Builder war(Path file) {
      war = file;
      return this;
    }

    /** The port; by default any free one. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** An option of the virtual machine. */
    public Builder option(String option) {
      options.add(option);
      return this;
    }

    /**
     * Deploys by a Jetty context file, which has to name the WAR.
     *
     * @param path the context path in the file
     */
    public Builder contextFile(Path file, String path) {
      contextFile = file;
      return contextPath(path);
    }

    /** Returns when the web application is deployed. */
    public Bridge start() {
      ChildProcess process = launch();
      try {
        return new Bridge(container, process, contextPath);
      } catch (AssertionError e) {
        process.close();
        throw e;
      }
    }

    /**
     * Starts a bridge that is expected not to deploy.
     *
     * @return the log
     */
    public String failToStart() {
      ChildProcess process = launch();
      try {
        process.await(0, Pattern.compile("^> failed"), PATIENCE);
      } finally {
        process.close();
      }
      return process.log();
    }

    private ChildProcess launch() {
      if (!Files.exists(war)) {
        throw new AssertionError(war + " is missing: mvn package makes it");
      }
      List<String> command = container.command(options, war, port, contextPath);
      if (contextFile != null) {
        command.add(contextFile.toAbsolutePath().toString());
      }
      Path directory = ChildProcess.newDirectory(container.toString());
      return ChildProcess.start(directory, environment, command);
    }
  }
}
