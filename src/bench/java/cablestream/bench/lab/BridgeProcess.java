package cablestream.bench.lab;

import cablestream.bench.control.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The WAR in a container, in a process of its own that ends with this one. Its log is {@code
 * target/bench/NAME.log}.
 */
public final class BridgeProcess implements Target {
  static final String CONTEXT_PATH = "/bridge";
  private static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
  private static final String DEPLOYED = "> deployed ";

  private final MeasuredContainer container;
  private final URI cable;
  private final List<String> moreFlags;
  private final int port;
  private Process process;
  private URI url;

  /**
   * @param moreFlags of the virtual machine, after the documented ones
   */
  public BridgeProcess(MeasuredContainer container, URI cable, List<String> moreFlags) {
    this(container, 0, cable, moreFlags);
  }

  /**
   * @param port to listen on; 0 for any free one
   */
  BridgeProcess(MeasuredContainer container, int port, URI cable, List<String> moreFlags) {
    this.container = container;
    this.port = port;
    this.cable = cable;
    this.moreFlags = moreFlags;
    restart(List.of());
  }

  @Override
  public void restart(List<String> flags) {
    close();
    List<String> allFlags = new ArrayList<>(moreFlags);
    allFlags.addAll(flags);
    try {
      Files.createDirectories(DIRECTORY);
      Path directory = Files.createTempDirectory(DIRECTORY, container.key() + "-");
      process =
          new ProcessBuilder(container.command(port, cable, allFlags))
              .directory(directory.toFile())
              .redirectError(
                  ProcessBuilder.Redirect.appendTo(
                      DIRECTORY.resolve(container.key() + ".log").toFile()))
              .start();
      url = URI.create("http://127.0.0.1:" + deployedPort() + CONTEXT_PATH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int deployedPort() throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(DEPLOYED)) {
        return Integer.parseInt(line.substring(DEPLOYED.length()));
      }
    }
    throw new IllegalStateException(
        container.key() + " hasn't started; see target/bench/" + container.key() + ".log");
  }

  @Override
  public String name() {
    return container.key();
  }

  @Override
  public List<URI> urls() {
    return List.of(url);
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    if (process == null) {
      return;
    }
    process.destroy();
    Processes.awaitEnd(process, 10);
  }
}
