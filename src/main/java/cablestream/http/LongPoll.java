package cablestream.http;

import cablestream.session.Listener;
import cablestream.session.Refusal;

/** A listener that is answered once; protocol section 4. */
final class LongPoll implements Listener.Poll {
  private final Exchange exchange;
  private Listener.Acceptance acceptance;

  LongPoll(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void accepted(Listener.Acceptance newAcceptance, Listener.Attachment attachment) {
    acceptance = newAcceptance;
    exchange.response().attach(attachment);
  }

  @Override
  public void answer(Listener.PollAnswer answer) {
    exchange.answer(acceptance, PollBody.of(answer));
  }

  @Override
  public void refused(Refusal refusal) {
    exchange.refuse(refusal);
  }
}
