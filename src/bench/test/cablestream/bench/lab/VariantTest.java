package cablestream.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class VariantTest {
  @Test
  void noneIsTheBridgeAsItIs() {
    assertThat(Variant.parse(" ")).containsExactly(Variant.PLAIN);
  }

  @Test
  void eachMayHaveAJavaAWarAndFlags() {
    List<Variant> variants =
        Variant.parse("plain=; 25=/opt/java -XX:+UseSerialGC -Da=b=c;before=old.war -Xmx1g");

    assertThat(variants).extracting(Variant::name).containsExactly("plain", "25", "before");
    assertThat(variants.get(0).flags()).isEmpty();
    assertThat(variants.get(0).war()).isEqualTo(Variant.PLAIN.war());
    assertThat(variants.get(1).java()).isEqualTo(Path.of("/opt/java"));
    assertThat(variants.get(1).flags()).containsExactly("-XX:+UseSerialGC", "-Da=b=c");
    assertThat(variants.get(2).java()).isEqualTo(Variant.PLAIN.java());
    assertThat(variants.get(2).war()).isEqualTo(Path.of("old.war"));
    assertThat(variants.get(2).flags()).containsExactly("-Xmx1g");
  }

  @Test
  void oneWithoutANameOfItsOwnIsRefused() {
    assertThatThrownBy(() -> Variant.parse("-Xmx1g"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NAME");
    assertThatThrownBy(() -> Variant.parse("=-Xmx1g")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Variant.parse("a=;a=-Xmx1g"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same name");
  }
}
