package cablestream.protocol;

import cablestream.cable.CableFrame;
import cablestream.environment.SessionWeights;
import cablestream.log.Identifier;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A session's subscriptions, with limits of their number and size. Inside the mailbox only. */
final class Subscriptions {
  private static final long CHARACTERS_OF_EACH = 1_024;

  private final Holder holder;
  private final int max;
  private final Map<String, Subscription> byChanId = new HashMap<>(4);
  private final Map<String, Subscription> byIdentifier = new HashMap<>(4);

  /** Bytes reserved already, for the first one. */
  private long reserved = SessionWeights.FIRST_SUBSCRIPTION;

  /** Characters of all identifiers. */
  private long characters;

  /** Characters of the longest identifier. */
  private int longest;

  Subscriptions(Holder holder, int max) {
    this.holder = holder;
    this.max = max;
  }

  /** The subscription with the chan_id; null for none. */
  Subscription called(String chanId) {
    return byChanId.get(chanId);
  }

  /** The subscription that the frame belongs to; null for none. */
  Subscription of(CableFrame frame) {
    return byIdentifier.get(frame.identifier(longest));
  }

  /** A copy of the present ones. */
  List<Subscription> all() {
    return List.copyOf(byChanId.values());
  }

  /** The chan_ids of the confirmed ones. */
  List<String> confirmed() {
    List<String> confirmed = new ArrayList<>();
    for (Subscription subscription : byChanId.values()) {
      if (subscription.state == Subscription.State.CONFIRMED) {
        confirmed.add(subscription.identifier.chanId());
      }
    }
    return confirmed;
  }

  /** The class names of the confirmed ones' channels by chan_id, where they have one. */
  Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    for (String chanId : confirmed()) {
      String name = byChanId.get(chanId).identifier.channel();
      if (name != null) {
        names.put(chanId, name);
      }
    }
    return names;
  }

  /** Why this identifier can't be added, whatever the memory; null if it can. */
  String refusal(Identifier identifier) {
    long maxCharacters = CHARACTERS_OF_EACH * max;
    if (byChanId.size() >= max) {
      return "too many subscriptions, at most " + max;
    }
    if (characters + identifier.json().length() > maxCharacters) {
      return "the identifiers of all subscriptions are larger than "
          + maxCharacters
          + " characters together";
    }
    return null;
  }

  /**
   * @return false if there is no memory for it
   */
  boolean add(Subscription one) {
    if (reserves(one.weight())) {
      Identifier identifier = one.identifier;
      byChanId.put(identifier.chanId(), one);
      byIdentifier.put(identifier.json(), one);
      characters += identifier.json().length();
      longest = Math.max(longest, identifier.json().length());
      return true;
    }
    return false;
  }

  private boolean reserves(long weight) {
    boolean reserves = weight <= reserved || holder.reserve(Kind.SUBSCRIPTION, weight - reserved);
    if (reserves) {
      holder.release(Kind.SUBSCRIPTION, Math.max(0, reserved - weight));
      reserved = 0;
    }
    return reserves;
  }

  void remove(Subscription one) {
    Identifier identifier = one.identifier;
    byChanId.remove(identifier.chanId());
    byIdentifier.remove(identifier.json());
    characters -= identifier.json().length();
    longest = byIdentifier.keySet().stream().mapToInt(String::length).max().orElse(0);
    holder.release(Kind.SUBSCRIPTION, one.weight());
  }
}
