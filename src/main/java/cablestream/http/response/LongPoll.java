package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.memory.Holder;
import cablestream.memory.Kind;

/** A listener that is answered once; protocol section 4. */
final class LongPoll implements Listener.Poll {
  private final Exchange exchange;
  private final Responses responses;
  private Listener.Acceptance acceptance;
  private Holder holder;

  LongPoll(Exchange exchange, Responses responses) {
    this.exchange = exchange;
    this.responses = responses;
  }

  @Override
  public void accepted(Listener.Acceptance newAcceptance, Listener.Attachment attachment) {
    acceptance = newAcceptance;
    holder = acceptance.holder().child();
    exchange.response().attach(attachment);
  }

  @Override
  public boolean reserve(Listener.PollAnswer answer) {
    long size = PollBody.size(answer);
    return PollBody.isForPieces(answer)
        ? holder.reserve(Kind.LOG, size) // an event that the log may evict before it is written
        : responses.reserve(holder, size, false);
  }

  @Override
  public void answer(Listener.PollAnswer answer) {
    if (PollBody.isForPieces(answer)) {
      exchange.answer(acceptance, PollBody.inPieces(answer), holder);
    } else {
      exchange.answer(acceptance, PollBody.of(answer), holder);
    }
  }

  @Override
  public boolean isClosedByPeer() {
    return exchange.isClosedByPeer();
  }

  @Override
  public void refused(Refusal refusal) {
    exchange.refuse(refusal);
  }
}
