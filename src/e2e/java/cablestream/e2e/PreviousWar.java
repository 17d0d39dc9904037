package cablestream.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The WAR of the previous version, built by {@code src/e2e/previous-war}. */
public final class PreviousWar {
  /** Another revision to build instead, for example one before a change of the protocol. */
  private static final String REVISION = System.getProperty("previous.revision", "");

  private PreviousWar() {}

  /** Builds it, unless it exists already. */
  public static Path build() {
    ProcessBuilder script =
        REVISION.isEmpty()
            ? new ProcessBuilder("src/e2e/previous-war")
            : new ProcessBuilder("src/e2e/previous-war", REVISION);
    try {
      Process process = script.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] printed = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        throw new AssertionError("src/e2e/previous-war has failed");
      }
      return Path.of(new String(printed, StandardCharsets.UTF_8).strip());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
