package cablestream.bench.load;

import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A node to which clients connect, and their requests to it, with a browser's headers. */
final class BridgeSite {
  private static final String COOKIE =
      "_app_session=" + "MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6".repeat(5);

  private final InetSocketAddress address;
  private final String path;
  private final String headers;
  private final Poster poster;

  /**
   * @param site the host that a browser knows, whichever node serves it
   */
  BridgeSite(URI url, String site, Reactor reactor) {
    address = new InetSocketAddress(url.getHost(), url.getPort());
    path = url.getRawPath();
    headers =
        """
        Host: %s
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36
        Accept-Language: en-GB,en;q=0.9
        Origin: http://%s
        Sec-Fetch-Site: same-origin
        Cookie: %s
        """
            .formatted(site, site, COOKIE)
            .replace("\n", "\r\n");
    poster = new Poster(reactor, address);
  }

  Poster poster() {
    return poster;
  }

  InetSocketAddress address() {
    return address;
  }

  /** A request without a body. */
  ByteBuffer request(String method, String rest, String moreHeaders) {
    return ascii(method + " " + path + rest + " HTTP/1.1\r\n" + headers + moreHeaders + "\r\n");
  }

  /** A POST of commands. */
  ByteBuffer post(String rest, String json) {
    return ascii(
        ("POST " + path + rest + " HTTP/1.1\r\n" + headers)
            + "Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: "
            + json.length()
            + "\r\n\r\n"
            + json);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A message as text. */
  static String text(Message message, long at, int client, long number) {
    ByteBuffer out = ByteBuffer.allocate(message.size());
    message.put(out, at, client, number);
    return new String(out.array(), StandardCharsets.US_ASCII);
  }
}
