package cablestream.outbound;

import java.io.IOException;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Ends one answer that has too many header fields, or is an interim one. The client's own limit
 * counts bytes, of which a field needs four; in the heap it takes more than a hundred.
 */
public final class AnswerLimit implements Response.HeaderListener, Response.HeadersListener {
  /** As in Tomcat. */
  static final int MAX_FIELDS = 100;

  private int fields;

  /**
   * Counts one more.
   *
   * @return whether the answer keeps it
   */
  @Override
  public boolean onHeader(Response response, HttpField field) {
    fields++;
    if (fields == MAX_FIELDS + 1) {
      response.abort(new IOException("more than " + MAX_FIELDS + " header fields"));
    }
    return fields <= MAX_FIELDS;
  }

  @Override
  public void onHeaders(Response response) {
    if (HttpStatus.isInterim(response.getStatus())) {
      response.abort(new IOException("an interim answer: status " + response.getStatus()));
    }
  }
}
