package cablestream.http;

import cablestream.memory.Holder;
import cablestream.session.Listener;
import cablestream.session.Refusal;

/** A listener that is answered once; protocol section 4. */
final class LongPoll implements Listener.Poll {
  private final Exchange exchange;
  private final Responses responses;
  private final Holder holder;
  private Listener.Acceptance acceptance;

  LongPoll(Exchange exchange, Responses responses) {
    this.exchange = exchange;
    this.responses = responses;
    this.holder = responses.holder();
  }

  @Override
  public void accepted(Listener.Acceptance newAcceptance, Listener.Attachment attachment) {
    acceptance = newAcceptance;
    exchange.response().attach(attachment);
  }

  @Override
  public boolean reserve(Listener.PollAnswer answer) {
    return responses.take(holder, PollBody.size(answer));
  }

  @Override
  public void answer(Listener.PollAnswer answer) {
    exchange.answer(acceptance, PollBody.of(answer), holder);
  }

  @Override
  public void refused(Refusal refusal) {
    exchange.refuse(refusal);
  }
}
