package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cablestream.cluster.StoreAddress.Host;
import cablestream.cluster.StoreAddress.Kind;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreAddressTest {
  private static StoreAddress of(String uri) {
    return StoreAddress.of(URI.create(uri));
  }

  @Test
  void oneStore() {
    assertThat(of("redis://cache"))
        .isEqualTo(
            new StoreAddress(
                Kind.SINGLE, false, null, null, List.of(new Host("cache", 6379)), 0, null));
    assertThat(of("rediss://me:a%40b@cache:7000/3"))
        .isEqualTo(
            new StoreAddress(
                Kind.SINGLE, true, "me", "a@b", List.of(new Host("cache", 7000)), 3, null));
    assertThat(of("redis://:secret@[::1]:7000").hosts()).containsExactly(new Host("::1", 7000));
    assertThat(of("redis://:secret@[::1]").user()).isNull();
  }

  @Test
  void sentinels() {
    assertThat(of("redis-sentinel://me:x@a:1,b/main"))
        .isEqualTo(
            new StoreAddress(
                Kind.SENTINEL,
                false,
                "me",
                "x",
                List.of(new Host("a", 1), new Host("b", 26379)),
                0,
                "main"));
  }

  @Test
  void aClusterOfStores() {
    StoreAddress address = of("rediss-cluster://a:1,b:2");
    assertThat(address.kind()).isEqualTo(Kind.CLUSTER);
    assertThat(address.tls()).isTrue();
    assertThat(address.hosts()).containsExactly(new Host("a", 1), new Host("b", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://cache",
        "redis://",
        "redis://cache/x",
        "redis://a,b",
        "redis-sentinel://a",
        "redis-cluster://a/1",
        "redis://cache:port",
        "redis://cache?x=1"
      })
  void anythingElseIsNone(String uri) {
    assertThatIllegalArgumentException().isThrownBy(() -> of(uri));
  }
}
