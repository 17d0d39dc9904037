package cablestream.browser;

import cablestream.log.Identifier;
import cablestream.memory.Weights;

/** One entry of a POST; protocol section 3. */
public sealed interface Command {
  /** The size of a command without its texts, with its place in a batch, in bytes. */
  int OBJECT = 128;

  /** The kinds of commands. */
  enum Kind {
    SUBSCRIBE,
    UNSUBSCRIBE,
    SEND,
    FRAME,
    MALFORMED
  }

  Kind kind();

  /** The channel's identifier; null if there is none, or no readable one. */
  Identifier identifier();

  /** Its size in the heap, in bytes. */
  long size();

  /** Subscribe to a channel. */
  record Subscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.SUBSCRIBE;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size();
    }
  }

  /** Leave a channel. */
  record Unsubscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.UNSUBSCRIBE;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size();
    }
  }

  /**
   * Perform an action of a channel.
   *
   * @param data the JSON object to send, as text
   */
  record Send(Identifier identifier, String data) implements Command {
    @Override
    public Kind kind() {
      return Kind.SEND;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size() + Weights.of(data);
    }
  }

  /** A frame of a tunnel, sent unchanged; protocol section 9. */
  record Frame(String text) implements Command {
    @Override
    public Kind kind() {
      return Kind.FRAME;
    }

    @Override
    public Identifier identifier() {
      return null;
    }

    @Override
    public long size() {
      return OBJECT + Weights.of(text);
    }
  }

  /**
   * An invalid entry: it fails, and the batch continues.
   *
   * @param identifier null if there is no readable one
   */
  record Malformed(Identifier identifier, String error) implements Command {
    @Override
    public Kind kind() {
      return Kind.MALFORMED;
    }

    @Override
    public long size() {
      return OBJECT + (identifier == null ? 0 : identifier.size()) + Weights.of(error);
    }
  }
}
