package cablestream.http;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Listener;
import cablestream.browser.Mode;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.concurrent.Fault;
import cablestream.http.request.CommandParser;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestBodies;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import cablestream.memory.Holder;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** POST: commands, or with an empty body the farewell. DELETE: ends the session. */
public final class CommandServlet extends SessionServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CommandServlet.class);

  private transient RequestBodies bodies;
  private transient Map<Mode, CommandParser> parsers;

  @Override
  public void init() {
    super.init();
    bodies = bridge().bodies();
    parsers = new EnumMap<>(Mode.class);
    for (Mode mode : Mode.values()) {
      parsers.put(mode, new CommandParser(mode, bridge().settings().bodies()));
    }
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Post post = new Post(begin(request, response));
    Refusal unread =
        post.sessions.refusalUnread(post.asked.eventsId(), request.getContentLengthLong());
    if (unread == null) {
      bodies.read(request, post.network, post.parser.limit(), post);
    } else {
      post.refused(unread);
    }
  }

  @Override
  protected void doDelete(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    new Post(begin(request, response)).end();
  }

  /** A POST or a DELETE until it is answered. */
  private final class Post implements RequestBody.Receiver, CommandReply {
    private final Exchange exchange;
    private final SessionManager sessions;
    private final RequestParameters request;
    private final SessionRequest asked;
    private final String network;
    private final CommandParser parser;

    Post(Exchange exchange) {
      this.exchange = exchange;
      request = exchange.request();
      sessions = sessions(request);
      asked = request.sessionRequest();
      network = asked.caller().address();
      parser = parsers.get(asked.mode());
    }

    @Override
    public void received(byte[] body, Holder holder) {
      try {
        if (body.length == 0) {
          end();
        } else {
          command(body, holder);
        }
      } catch (RefusedException e) {
        refused(e.refusal());
      } catch (Throwable e) {
        // The router, which handles errors in the servlets' own methods, has returned already. The
        // container would log the path, which names the session.
        Fault.log(LOG, "event=request_failed method=POST", e);
        refused(Replies.FAILED);
      }
    }

    void end() {
      sessions.end(asked, this);
    }

    private void command(byte[] body, Holder holder) {
      if (!parser.reserve(body, holder)) {
        refused(RequestBody.tooMany());
        return;
      }
      List<Command> commands = parser.parse(body);
      String key = request.idempotencyKey();
      CommandBatch batch = new CommandBatch(commands, key, key == null ? null : Digest.of(body));
      sessions.command(asked, batch, request.opens(), this);
    }

    @Override
    public void answered(Listener.Acceptance acceptance, List<CommandResult> results) {
      exchange.answer(acceptance, Replies.json(parser.listed(results)));
    }

    @Override
    public void refused(Refusal refusal) {
      exchange.refuse(refusal);
    }

    @Override
    public boolean isClosedByPeer() {
      return exchange.isClosedByPeer();
    }
  }
}
