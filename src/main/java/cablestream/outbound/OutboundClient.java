package cablestream.outbound;

import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.UpgradeProtocolHandler;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.util.component.LifeCycle;

/**
 * Jetty's HTTP client without automatic handling of responses: it follows no redirect, sends no
 * credentials, keeps no cookie and decodes no content.
 *
 * <p>The listeners of a request also receive interim responses (RFC 9110, 15.2), and must abort
 * them with an {@link AnswerLimit}. Jetty would read any number of them, and keep all their header
 * fields.
 */
public final class OutboundClient {
  private OutboundClient() {}

  /** Makes a client, which the caller starts and stops. */
  public static HttpClient of(HttpClientTransport transport, String name) {
    HttpClient client = new HttpClient(transport);
    client.setName(name);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.addEventListener(
        new LifeCycle.Listener() {
          @Override
          public void lifeCycleStarted(LifeCycle started) {
            // The client has added its own handlers by now.
            client.getProtocolHandlers().clear();
            client.getProtocolHandlers().put(new Upgrades());
            client.getContentDecoderFactories().clear();
          }
        });
    return client;
  }

  /** Jetty itself replaces the request's listeners for the response to an upgrade. */
  private static final class Upgrades extends UpgradeProtocolHandler {
    @Override
    public Response.Listener getResponseListener() {
      Response.Listener usual = super.getResponseListener();
      AnswerLimit limit = new AnswerLimit();
      return new Response.Listener() {
        @Override
        public boolean onHeader(Response response, HttpField field) {
          return limit.onHeader(response, field);
        }

        @Override
        public void onComplete(Result result) {
          usual.onComplete(result);
        }
      };
    }
  }
}
