package cablestream.standalone.server;

import cablestream.http.request.IpAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.internal.HttpChannelState;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * A connection that reports to {@link IdleConnections} what it may add to them. After some requests
 * without a pause it lets others proceed first, as {@code JettyConnection} does on the other side:
 * Jetty continues with a connection as long as it has requests and its client reads the responses,
 * and a client with one request would wait for all of them.
 *
 * <p>Jetty's own limits don't withstand {@code AttacksIT}. Connection limits don't distinguish a
 * stream from an endless head, so idle clients keep all others out; {@code LowResourceMonitor}
 * counts garbage, and sees only silent connections; nothing limits the lines of a head.
 */
final class WatchedConnection extends HttpConnection implements IdleConnections.Connection {
  /** The default of Tomcat's {@code maxHeaderCount}. */
  static final int MAX_FIELDS = 100;

  /** The heap of a field, its two strings and their arrays, without characters. */
  private static final int FIELD = 144;

  /** The number of requests without a pause, as in a pipeline. */
  private static final int TURN = 16;

  private final IdleConnections idle;

  /** Whether a request is being answered. */
  private volatile boolean busy;

  private volatile long idleSince = System.nanoTime();

  // Of the thread that reads, one at a time. A report publishes the number of fields.

  private int fields;

  /** The part of the head's memory that was reported. */
  private long reported;

  /** The requests without a pause. */
  private int served;

  private WatchedConnection(
      HttpConfiguration configuration, LimitingConnector connector, EndPoint endPoint) {
    super(configuration, connector, endPoint);
    idle = connector.idle();
    idle.grow(IdleConnections.EACH);
  }

  /** The factory of such connections, for a {@link LimitingConnector}. */
  static HttpConnectionFactory factory(HttpConfiguration configuration) {
    return new HttpConnectionFactory(configuration) {
      @Override
      public Connection newConnection(Connector connector, EndPoint endPoint) {
        WatchedConnection connection =
            new WatchedConnection(getHttpConfiguration(), (LimitingConnector) connector, endPoint);
        connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
        return configure(connection, connector, endPoint);
      }
    };
  }

  /**
   * The connection was read. Jetty reads until nothing is left, so the last call reports all that
   * was parsed.
   *
   * @param bytes what was received; 0 for nothing, negative for the end
   */
  void filled(int bytes) {
    if (bytes == 0) {
      served = 0;
    }
    long head = headBytes();
    if (head > reported) {
      idle.grow(head - reported);
      reported = head;
    }
  }

  /** The head so far; doubled, as an incomplete value is in a builder that doubles its size. */
  private long headBytes() {
    return 2L * getParser().getHeaderLength() + (long) FIELD * fields;
  }

  /** As for {@code max-sessions-per-address}. */
  @Override
  public String network() {
    return getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress client
            && client.getAddress() != null
        ? IpAddress.of(client.getAddress().getAddress()).network()
        : "";
  }

  @Override
  public long idleSince() {
    return idleSince;
  }

  @Override
  public long idleBytes() {
    return busy ? 0 : IdleConnections.EACH + headBytes();
  }

  @Override
  public void cut() {
    getEndPoint().close();
  }

  /** Jetty doesn't use the connection until the request is answered, on any thread. */
  @Override
  protected HttpChannel newHttpChannel(Server server, HttpConfiguration configuration) {
    return new HttpChannelState(this) {
      @Override
      public Runnable onRequest(MetaData.Request request) {
        busy = true;
        Runnable answer = super.onRequest(request);
        served++;
        if (served <= TURN) {
          return answer;
        }
        served = 0;
        return () -> getExecutor().execute(answer);
      }

      /** The request is answered. */
      @Override
      public void recycle() {
        super.recycle();
        fields = 0;
        reported = 0;
        idleSince = System.nanoTime();
        busy = false;
        idle.grow(IdleConnections.EACH);
      }
    };
  }

  @Override
  protected RequestHandler newRequestHandler() {
    return new RequestHandler() {
      @Override
      public void parsedHeader(HttpField field) {
        requireFewFields();
        super.parsedHeader(field);
      }

      @Override
      public void parsedTrailer(HttpField field) {
        requireFewFields();
        super.parsedTrailer(field);
      }
    };
  }

  private void requireFewFields() {
    fields++;
    if (fields > MAX_FIELDS) {
      throw new HttpException.RuntimeException(
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, "too many header fields");
    }
  }
}
