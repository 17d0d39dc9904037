package cablestream.http;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.concurrent.Fault;
import cablestream.http.request.BodyLimit;
import cablestream.http.request.CommandParser;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** POST: commands, or with an empty body the farewell. DELETE: the session ends. */
public final class CommandServlet extends SessionServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CommandServlet.class);

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(request, response);
    Refusal unread =
        sessions(request)
            .refusalUnread(
                exchange.request().sessionRequest().eventsId(), request.getContentLengthLong());
    if (unread != null) {
      exchange.refuse(unread);
      return;
    }
    bridge()
        .bodies()
        .read(
            request,
            BodyLimit.of(bridge().settings(), exchange.request().sessionRequest().mode()),
            receiver(exchange, sessions(request)));
  }

  @Override
  protected void doDelete(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    end(begin(request, response), sessions(request));
  }

  private RequestBody.Receiver receiver(Exchange exchange, SessionManager sessions) {
    return new RequestBody.Receiver() {
      @Override
      public void received(byte[] body) {
        carryOut(exchange, sessions, body);
      }

      @Override
      public void refused(Refusal refusal) {
        exchange.refuse(refusal);
      }
    };
  }

  private void carryOut(Exchange exchange, SessionManager sessions, byte[] body) {
    try {
      if (body.length == 0) {
        end(exchange, sessions);
      } else {
        command(exchange, sessions, body);
      }
    } catch (RefusedException e) {
      exchange.refuse(e.refusal());
    } catch (Throwable e) {
      // The router, which answers for the servlets' own methods, has returned long since, and the
      // container would log the path, which names the session.
      Fault.tell(LOG, "event=request_failed method=POST", e);
      exchange.refuse(Replies.FAILED);
    }
  }

  private static void end(Exchange exchange, SessionManager sessions) {
    RequestParameters asked = exchange.request();
    sessions.end(asked.sessionRequest(), asked.sessionId(), new Reply(exchange));
  }

  private void command(Exchange exchange, SessionManager sessions, byte[] body) {
    RequestParameters asked = exchange.request();
    CommandParser parser = new CommandParser(bridge().settings());
    List<Command> commands = parser.parse(asked.sessionRequest().mode(), body);
    String key = asked.idempotencyKey();
    CommandBatch batch = new CommandBatch(commands, key, key == null ? null : Digest.of(body));
    sessions.command(asked.sessionRequest(), batch, asked.pollQueue() > 0, new Reply(exchange));
  }

  /** Answers a POST or a DELETE. */
  private record Reply(Exchange exchange) implements CommandReply {
    @Override
    public void answered(Listener.Acceptance acceptance, List<CommandResult> results) {
      exchange.answer(
          acceptance, Replies.results(exchange.request().sessionRequest().mode(), results));
    }

    @Override
    public void refused(Refusal refusal) {
      exchange.refuse(refusal);
    }
  }
}
