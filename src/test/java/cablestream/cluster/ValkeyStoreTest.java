package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.exceptions.JedisException;

/** An unreachable store: a bridge starts nevertheless, and logs each failed request. */
class ValkeyStoreTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://127.0.0.1:9",
        "redis-sentinel://127.0.0.1:9/main",
        "redis-cluster://127.0.0.1:9"
      })
  void itIsMadeWhereNobodyIsAndFailsWhenItIsAsked(String url) {
    try (ValkeyStore store = new ValkeyStore(URI.create(url), "cablestream:")) {
      assertThatThrownBy(store::nodes).isInstanceOf(JedisException.class);
      assertThatThrownBy(store::nodes).isInstanceOf(JedisException.class);
    }
  }
}
