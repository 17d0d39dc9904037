package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.Allocated;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Objects derived from a request's head are a small multiple of it, whose length its container
 * limits. Most are garbage at once, and a thread has one head at a time.
 */
class DerivedFromHeadsTest {
  /** In {@code java -jar}; Tomcat and Jetty allow 8 KiB. */
  private static final int SIZE = 32 * 1024;

  @ParameterizedTest
  @ValueSource(strings = {"&", "a&", "a=b&", "%61&", "ping=1&", "%70ing=%31&", "timeout=%31+&"})
  void queries(String part) throws Exception {
    String query = part.repeat(SIZE / part.length());
    Callable<?> read = () -> new Query(query);
    read.call();
    assertThat(Allocated.by(read)).isLessThan(50L * SIZE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%41", "+", "é", "%C3%A9"})
  void aParameterOfTheBridgesOwn(String part) throws Exception {
    String query = "last-event-id=" + part.repeat(SIZE / part.length());
    Callable<?> read = () -> new Query(query);
    read.call();
    assertThat(Allocated.by(read)).isLessThan(80L * SIZE);
  }
}
