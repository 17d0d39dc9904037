package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 8: the browser. */
class BrowserCookieTest {
  private static final String VALUE = "0123456789abcdef0123456789abcdef";

  @Test
  void aNewOneIs128RandomBits() {
    String value = BrowserCookie.random().value();

    assertThat(value).matches("[0-9a-f]{32}").isNotEqualTo(BrowserCookie.random().value());
    assertThat(BrowserCookie.in("cablestream=" + value).own()).isEqualTo(new BrowserCookie(value));
  }

  @Test
  void itIsFoundAmongTheApplicationsCookies() {
    BrowserCookie cookie = BrowserCookie.in("_app=1;cablestream=" + VALUE + " ; b=2").own();

    assertThat(cookie.value()).isEqualTo(VALUE);
    assertThat(cookie.digest()).isEqualTo(Digest.of(VALUE));
  }

  @Test
  void theApplicationsCookiesAreAllButIt() {
    String cookies =
        "_app=a=b%20\"c\" ;cablestream=" + VALUE + ";  b=2; xcablestream=3;Cablestream=4";

    assertThat(BrowserCookie.in(cookies).others())
        .isEqualTo("_app=a=b%20\"c\"; b=2; xcablestream=3; Cablestream=4");
    assertThat(BrowserCookie.in("cablestream=" + VALUE + "; cablestream; cablestream=").others())
        .isEmpty();
    assertThat(BrowserCookie.in(null).others()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789ABCDEF0123456789ABCDEF",
        "\"0123456789abcdef0123456789abcdef\"",
        "0123456789abcdef0123456789abcdeg",
      })
  void whatTheBridgeCannotHaveSetCountsAsAbsent(String value) {
    assertThat(BrowserCookie.in("cablestream=" + value).own()).isNull();
  }

  @Test
  void noneIsAbsent() {
    assertThat(BrowserCookie.in(null).own()).isNull();
    assertThat(BrowserCookie.in("a=b; cablestream").own()).isNull();
    assertThat(BrowserCookie.in("a=cablestream=" + VALUE).own()).isNull();
  }

  @Test
  void twoOfThemCountAsAbsentUnlessTheyAreTheSame() {
    String other = VALUE.replace('0', '1');

    assertThat(BrowserCookie.in("cablestream=" + VALUE + "; cablestream=" + other).own()).isNull();
    assertThat(BrowserCookie.in("cablestream=" + VALUE + "; cablestream=" + VALUE).own())
        .isNotNull();
  }

  @Test
  void onHttpItIsLaxAndNotSecure() {
    assertThat(new BrowserCookie(VALUE).line(false, false))
        .isEqualTo("cablestream=" + VALUE + "; Max-Age=34560000; HttpOnly; SameSite=Lax");
  }

  @Test
  void onHttpsItIsSecure() {
    assertThat(new BrowserCookie(VALUE).line(true, false))
        .isEqualTo("cablestream=" + VALUE + "; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure");
  }

  @Test
  void forAPageOfAnotherSiteItIsPartitioned() {
    assertThat(new BrowserCookie(VALUE).line(true, true))
        .isEqualTo(
            "cablestream="
                + VALUE
                + "; Max-Age=34560000; HttpOnly; SameSite=None; Secure; Partitioned");
  }
}
