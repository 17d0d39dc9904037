package cablestream.standalone.server;

import cablestream.http.request.IpAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.internal.HttpChannelState;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * A connection that {@link IdleConnections} watches while it is idle. After some requests without a
 * pause it lets others proceed first, as {@code JettyConnection} does on the other side: Jetty
 * continues with a connection as long as it has requests and its client reads the responses, and a
 * client with one request would wait for all of them.
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
  private final String network;

  // Each change is followed by a look of the idle connections, on the same thread.
  private volatile boolean busy;
  private volatile boolean over;
  private volatile long bytesBefore;

  /** The connection's own thread; there is one at a time. */
  private volatile int fields;

  /** As above: the requests without a pause. */
  private volatile int served;

  private WatchedConnection(
      HttpConfiguration configuration,
      Connector connector,
      EndPoint endPoint,
      IdleConnections idle) {
    super(configuration, connector, endPoint);
    this.idle = idle;
    network = network(endPoint.getRemoteSocketAddress());
  }

  /** As for {@code max-sessions-per-address}. */
  private static String network(SocketAddress client) {
    return client instanceof InetSocketAddress internet && internet.getAddress() != null
        ? IpAddress.of(internet.getAddress().getAddress()).holder()
        : "";
  }

  /** The factory of such connections. */
  static HttpConnectionFactory factory(HttpConfiguration configuration, IdleConnections idle) {
    return new HttpConnectionFactory(configuration) {
      @Override
      public Connection newConnection(Connector connector, EndPoint endPoint) {
        WatchedConnection connection =
            new WatchedConnection(getHttpConfiguration(), connector, endPoint, idle);
        connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
        return configure(connection, connector, endPoint);
      }
    };
  }

  /** A complete request head has arrived, and is answered from now on. */
  void serve(Request request) {
    busy = true;
    idle.look(this);
    Request.addCompletionListener(request, failure -> rest());
  }

  private void rest() {
    bytesBefore = getBytesIn();
    busy = false;
    idle.look(this);
  }

  @Override
  public void onOpen() {
    idle.look(this);
    super.onOpen();
  }

  @Override
  public void onFillable() {
    served = 0;
    super.onFillable();
    idle.look(this);
  }

  /** Also called when it becomes a WebSocket, which has its own limits. */
  @Override
  public void onClose(Throwable cause) {
    over = true;
    idle.look(this);
    super.onClose(cause);
  }

  @Override
  public String network() {
    return network;
  }

  @Override
  public boolean isBusy() {
    return busy || over;
  }

  /** Doubled, as an incomplete value is in a builder that doubles its size. */
  @Override
  public long headBytes() {
    return 2 * (getBytesIn() - bytesBefore) + (long) FIELD * fields;
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
        Runnable answer = super.onRequest(request);
        return served <= TURN ? answer : () -> getExecutor().execute(answer);
      }
    };
  }

  @Override
  protected RequestHandler newRequestHandler() {
    return new RequestHandler() {
      @Override
      public void messageBegin() {
        fields = 0;
        served = served + 1;
        super.messageBegin();
      }

      @Override
      public void parsedHeader(HttpField field) {
        count();
        super.parsedHeader(field);
      }

      @Override
      public void parsedTrailer(HttpField field) {
        count();
        super.parsedTrailer(field);
      }
    };
  }

  private void count() {
    fields++;
    if (fields > MAX_FIELDS) {
      throw new HttpException.RuntimeException(
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, "too many header fields");
    }
  }
}
