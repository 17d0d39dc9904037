package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.EXITS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each shipped form of the bridge ends its process when the heap is full. */
class ExitOptionTest {
  @ParameterizedTest
  @CsvSource({
    "systemd/cablestream.service, ExecStart=",
    "systemd/cablestream-jetty.service, ExecStart=",
    "systemd/cablestream-tomcat.service, CATALINA_OPTS=",
    "container/Containerfile, ENTRYPOINT ",
    "debian/env-head, JAVA_OPTIONS=",
  })
  void theCommandHasTheOption(String file, String command) throws IOException {
    assertThat(Files.readAllLines(Path.of("src/deploy", file)))
        .filteredOn(line -> line.contains(command))
        .isNotEmpty()
        .allMatch(line -> line.contains(EXITS));
  }
}
