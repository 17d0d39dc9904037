package cablestream.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The seeds alone, so that a fault found by a fuzzer is never reintroduced. */
class FuzzSeedsTest {
  @ParameterizedTest
  @EnumSource
  void everySeedGoesThroughAndSoDoesEachOfItsBeginnings(FuzzTarget target) throws IOException {
    List<Path> seeds;
    try (Stream<Path> files = Files.list(target.seeds())) {
      seeds = files.sorted().toList();
    }
    assertThat(seeds).hasSizeGreaterThan(5);
    for (Path seed : seeds) {
      byte[] input = Files.readAllBytes(seed);
      for (int length = 0; length <= input.length; length++) {
        target.run(Arrays.copyOf(input, length));
      }
    }
  }
}
