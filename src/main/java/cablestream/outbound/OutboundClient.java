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
 * Jetty's HTTP client, which leaves answers as they come: it follows no redirect, sends no
 * credentials, keeps no cookie and decodes no content.
 *
 * <p>The listeners of a request see interim answers (RFC 9110, 15.2), too, and are to end them with
 * an {@link AnswerLimit}. Jetty would read any number of them, and keep the header fields of all.
 */
public final class OutboundClient {
  private OutboundClient() {}

  /** Makes one, which is to be started and stopped by the caller. */
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
            // Only now the client has added its own.
            client.getProtocolHandlers().clear();
            client.getProtocolHandlers().put(new Upgrades());
            client.getContentDecoderFactories().clear();
          }
        });
    return client;
  }

  /** To an upgrade's answer Jetty listens in the request's place. */
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
