package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.DialRequest.Header;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** Opens no connections: the test acts as the server. */
final class FakeSockets implements CableSocket.Dialer {
  final List<Fake> dialled = new ArrayList<>();

  @Override
  public CableSocket dial(
      URI url, List<Header> headers, List<String> protocols, CableSocket.Events events) {
    Fake socket = new Fake(url, headers, protocols, events);
    dialled.add(socket);
    return socket;
  }

  Fake last() {
    return dialled.get(dialled.size() - 1);
  }

  int count() {
    return dialled.size();
  }

  /** One dial, and the calls that the cable made. */
  static final class Fake implements CableSocket {
    final URI url;
    final List<Header> headers;
    final List<String> protocols;
    final Events events;
    final Deque<Consumer<String>> writing = new ArrayDeque<>();

    /** What was sent, and then how it was closed, in order. */
    final List<String> calls = new ArrayList<>();

    boolean demanded;
    boolean closed;
    int parts;
    boolean unread;

    Fake(URI url, List<Header> headers, List<String> protocols, Events events) {
      this.url = url;
      this.headers = headers;
      this.protocols = protocols;
      this.events = events;
    }

    @Override
    public void demand() {
      assertThat(demanded).as("one demand at a time").isFalse();
      demanded = true;
    }

    @Override
    public void releaseEventRoom() {}

    @Override
    public void releaseMessageRoom() {
      // Nothing is reserved here.
    }

    @Override
    public void send(byte[] text, Consumer<String> done) {
      calls.add(new String(text, UTF_8));
      writing.add(done);
    }

    @Override
    public void close(int code, String reason) {
      if (!closed) {
        calls.add("close " + code);
      }
    }

    @Override
    public void abort() {
      calls.add("abort");
    }

    @Override
    public int progress() {
      return parts;
    }

    @Override
    public boolean hasUnread() {
      return unread;
    }

    // ---- the server's side ----

    Fake opens() {
      events.opened("actioncable-v1-json");
      return this;
    }

    Fake opensWith(String protocol) {
      events.opened(protocol);
      return this;
    }

    Fake welcomes() {
      return opens().says("{\"type\":\"welcome\"}");
    }

    Fake pings() {
      return says("{\"type\":\"ping\",\"message\":1733000000}");
    }

    Fake disconnects(String reason, boolean reconnect) {
      return says(
          "{\"type\":\"disconnect\",\"reason\":\""
              + reason
              + "\",\"reconnect\":"
              + reconnect
              + "}");
    }

    Fake says(String frame) {
      return says(frame.getBytes(UTF_8));
    }

    Fake says(byte[] frame) {
      isAsked();
      events.text(frame);
      return this;
    }

    Fake saysSomethingUnreadable(int code, String why) {
      isAsked();
      events.unreadable(code, why);
      return this;
    }

    private void isAsked() {
      assertThat(demanded).as("nothing is read unasked").isTrue();
      demanded = false;
    }

    void closes(int code, String reason) {
      closed = true;
      events.closed(code, reason);
    }

    void refuses(int status) {
      events.refused(status, null);
    }

    void redirects(String location) {
      events.refused(301, location);
    }

    void isUnreachable() {
      events.unreachable("connection refused");
    }

    /** Finishes the oldest write. */
    void takes() {
      writing.remove().accept(null);
    }

    void failsToTake(String why) {
      writing.remove().accept(why);
    }
  }
}
