package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How nodes of this version and of others read one another's leases. */
class NodeTest {
  private static final URI ADDRESS = URI.create("http://192.0.2.1:8080/cable-events");

  @Test
  void aLeaseSaysWhatItsNodeSpeaks() {
    Node node = new Node("node-1", ADDRESS, true, 1);
    assertThat(Node.of(node.line())).isEqualTo(node);
    assertThat(Node.of(new Node("node-1", ADDRESS, false, 7).line()).common()).isOne();
  }

  /** As 1.0.0 writes and reads it. */
  @Test
  void aLeaseIsALineThatNodesOfOneMinorVersionBackRead() {
    String line = new Node("node-1", ADDRESS, true, 1).line();
    assertThat(line).isEqualTo("node-1 http://192.0.2.1:8080/cable-events#1 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "a b c d", "a b c", "node-1 http://[#1 1", "node-1 http://a#x 1"})
  void whatIsNoLeaseIsNone(String line) {
    assertThat(Node.of(line)).isNull();
  }
}
