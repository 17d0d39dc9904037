package cablestream.http;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.concurrent.Fault;
import cablestream.http.request.CommandParser;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import cablestream.memory.Holder;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** POST: commands, or with an empty body the farewell. DELETE: ends the session. */
public final class CommandServlet extends SessionServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CommandServlet.class);

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(request, response);
    SessionRequest asked = exchange.request().sessionRequest();
    SessionManager sessions = sessions(request);
    Refusal unread = sessions.refusalUnread(asked.eventsId(), request.getContentLengthLong());
    if (unread != null) {
      exchange.refuse(unread);
      return;
    }
    CommandParser parser = new CommandParser(asked.mode(), bridge().settings().bodies());
    bridge()
        .bodies()
        .read(
            request,
            asked.caller().address(),
            parser.limit(),
            receiver(exchange, parser, sessions));
  }

  @Override
  protected void doDelete(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(request, response);
    CommandParser parser =
        new CommandParser(exchange.request().sessionRequest().mode(), bridge().settings().bodies());
    end(exchange, parser, sessions(request));
  }

  private RequestBody.Receiver receiver(
      Exchange exchange, CommandParser parser, SessionManager sessions) {
    return new RequestBody.Receiver() {
      @Override
      public void received(byte[] body) {
        carryOut(exchange, parser, sessions, body);
      }

      @Override
      public void refused(Refusal refusal) {
        exchange.refuse(refusal);
      }
    };
  }

  private void carryOut(
      Exchange exchange, CommandParser parser, SessionManager sessions, byte[] body) {
    try {
      if (body.length == 0) {
        end(exchange, parser, sessions);
      } else {
        command(exchange, parser, sessions, body);
      }
    } catch (RefusedException e) {
      exchange.refuse(e.refusal());
    } catch (Throwable e) {
      // The router, which handles errors in the servlets' own methods, has returned already. The
      // container would log the path, which names the session.
      Fault.log(LOG, "event=request_failed method=POST", e);
      exchange.refuse(Replies.FAILED);
    }
  }

  private static void end(Exchange exchange, CommandParser parser, SessionManager sessions) {
    sessions.end(exchange.request().sessionRequest(), new Reply(exchange, parser));
  }

  private void command(
      Exchange exchange, CommandParser parser, SessionManager sessions, byte[] body) {
    RequestParameters asked = exchange.request();
    String network = asked.sessionRequest().caller().address();
    try (Holder holder = bridge().bodies().reserve(network, body, parser.weight(body))) {
      if (holder == null) {
        exchange.refuse(RequestBody.tooMany());
        return;
      }
      List<Command> commands = parser.parse(body);
      String key = asked.idempotencyKey();
      CommandBatch batch = new CommandBatch(commands, key, key == null ? null : Digest.of(body));
      sessions.command(asked.sessionRequest(), batch, asked.opens(), new Reply(exchange, parser));
    }
  }

  /** Answers a POST or a DELETE. */
  private record Reply(Exchange exchange, CommandParser parser) implements CommandReply {
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
