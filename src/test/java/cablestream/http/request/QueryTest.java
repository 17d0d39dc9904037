package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 1: whether a parameter is the bridge's or the application's. */
class QueryTest {
  @Test
  void noQueryIsNoParameters() {
    Query query = new Query(null);

    assertThat(query.application()).isEmpty();
    assertThat(query.own(Query.TIMEOUT)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timeout",
        "poll-queue",
        "last-event-id",
        "protocol",
        "cable-path",
        "fallback",
        "ping",
        "session-id",
        "idempotency-key"
      })
  void theBridgesOwnParametersAreNotPassedOn(String name) {
    Query query = new Query("token=abc&" + name + "=7&b=2");

    assertThat(query.own(name)).isEqualTo("7");
    assertThat(query.application()).isEqualTo("token=abc&b=2");
  }

  @Test
  void allOthersArePassedOnRawAndInOrder() {
    String raw = "z=1&a=%2f%2F+x&a=2&&empty=&bare&TIMEOUT=3&a=%41";

    assertThat(new Query(raw).application()).isEqualTo(raw);
  }

  @Test
  void anOwnParameterIsFoundInAnySpelling() {
    Query query = new Query("%70ing=5&token=x");

    assertThat(query.own(Query.PING)).isEqualTo("5");
    assertThat(query.application()).isEqualTo("token=x");
  }

  @Test
  void aReasonThatCannotBeReadIsOneAllTheSame() {
    assertThat(new Query("fallback=%zz").own(Query.FALLBACK)).isEmpty();
  }

  @Test
  void anOwnParameterIsDecodedAsAFormIs() {
    assertThat(new Query("last-event-id=a%2Db+c=%C3%A4").own(Query.LAST_EVENT_ID))
        .isEqualTo("a-b c=ä");
  }

  @Test
  void aParameterWithoutAValueIsEmptyAndNotAbsent() {
    assertThat(new Query("ping&timeout=").own(Query.PING)).isEmpty();
    assertThat(new Query("ping&timeout=").own(Query.TIMEOUT)).isEmpty();
  }

  @Test
  void theFirstOfARepeatedParameterCounts() {
    assertThat(new Query("ping=1&ping=2").own(Query.PING)).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ping=%", "ping=%4", "ping=%zz", "ping=%FF", "ping=%C3", "ping=%+1"})
  void anOwnParameterThatIsNotPercentEncodedUtf8IsRefused(String raw) {
    assertThatThrownBy(() -> new Query(raw))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().status()).isEqualTo(400);
              assertThat(refused.refusal().error()).contains("ping");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"a={\"b\"}", "a[]=1", "a=%zz", "a=ä", "a=x y|^`\\", "%ff=1", "a=%"})
  void theApplicationsAreItsOwnAffair(String raw) {
    assertThat(new Query(raw).application()).isEqualTo(raw);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=\0", "a=\r\nX: y", "\u007f"})
  void aControlCharacterNeverGetsThrough(String raw) {
    assertThatThrownBy(() -> new Query(raw))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(400));
  }
}
