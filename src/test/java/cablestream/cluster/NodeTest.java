package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nodes of this version and of others make of one another's leases. */
class NodeTest {
  private static final URI ADDRESS = URI.create("http://192.0.2.1:8080/cable-events");

  @Test
  void aLeaseSaysWhatItsNodeSpeaks() {
    Node node = new Node("node-1", ADDRESS, true, 1);
    assertThat(Node.of(node.line())).isEqualTo(node);
    assertThat(Node.of(new Node("node-1", ADDRESS, false, 7).line()).common()).isOne();
  }

  /** As a node of version 0 reads it: three words, the address with a fragment that it ignores. */
  @Test
  void anOlderNodeReadsIt() {
    String[] words = new Node("node-1", ADDRESS, true, 1).line().split(" ");
    assertThat(words).hasSize(3);
    assertThat(words[0]).isEqualTo("node-1");
    assertThat(URI.create(words[1]).getRawPath()).isEqualTo("/cable-events");
    assertThat(URI.create(words[1]).getAuthority()).isEqualTo("192.0.2.1:8080");
    assertThat(words[2]).isEqualTo("1");
  }

  @Test
  void anOlderNodesLeaseIsOfVersionNought() {
    assertThat(Node.of("node-1 " + ADDRESS + " 1")).isEqualTo(new Node("node-1", ADDRESS, true, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a b c d", "node-1 http://[ 1", "node-1 http://a#x 1"})
  void whatIsNoLeaseIsNone(String line) {
    assertThat(Node.of(line)).isNull();
  }
}
