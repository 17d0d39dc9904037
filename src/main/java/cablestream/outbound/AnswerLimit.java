package cablestream.outbound;

import java.io.IOException;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Aborts a response that has too many header fields or is an interim response. The client's own
 * limit counts bytes: a field of four bytes takes more than a hundred in the heap.
 */
public final class AnswerLimit implements Response.HeaderListener, Response.HeadersListener {
  /** The limit of Tomcat. */
  static final int MAX_FIELDS = 100;

  private int fields;

  /**
   * Counts a field.
   *
   * @return whether the response keeps it
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
