package cablestream.protocol;

import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Refusal;
import cablestream.environment.SessionWeights;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The latest keys of a session's POSTs with their results, so that a repeated POST gets the same
 * answer and isn't carried out again; protocol section 7, after the IETF draft "The Idempotency-Key
 * HTTP Header Field".
 */
final class IdempotencyKeys {
  static final int MAX_KEYS = 64;
  static final int MAX_BYTES = 32 * 1024;

  private static final Known RUNNING =
      refused(new Refusal(409, "the first request with this key is still being carried out", 1));

  private static final Known OTHER_BODY =
      refused(new Refusal(422, "this key was used with another body"));

  /** No further key can be stored: all are running, or there is no memory. */
  private static final Known TOO_MANY = refused(CommandExecutor.TOO_MANY);

  /**
   * The answer for a POST that isn't carried out.
   *
   * @param results of the first POST with the key; null if it is refused
   * @param refusal null if it isn't
   */
  record Known(List<CommandResult> results, Refusal refusal) {}

  private static Known refused(Refusal refusal) {
    return new Known(null, refusal);
  }

  private static final class Entry {
    final Digest body;
    List<CommandResult> results;

    Entry(Digest body) {
      this.body = body;
    }
  }

  private final Holder holder;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Bytes of the results. */
  private long bytes;

  /** Bytes of keys and results, in the heap. */
  private long weight;

  IdempotencyKeys(Holder holder) {
    this.holder = holder;
  }

  /**
   * Looks up the key, and stores it as running if it is new or forgotten.
   *
   * @return null if the POST is to be carried out
   */
  Known begin(String key, Digest body) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return remember(key, body);
    }
    if (!entry.body.equals(body)) {
      return OTHER_BODY;
    }
    return entry.results == null ? RUNNING : new Known(entry.results, null);
  }

  /** The POST with the key was carried out; its results are forgotten if there is no room. */
  void finish(String key, List<CommandResult> results) {
    Entry entry = entries.get(key);
    entry.results = results;
    long size = size(results);
    boolean more = true;
    while (more && bytes + size > MAX_BYTES) {
      more = forgetOldestAnswered(entry);
    }
    if (reserveOrForget(size, entry)) {
      bytes += size;
    } else {
      entries.remove(key);
      release(SessionWeights.key(key));
    }
  }

  private Known remember(String key, Digest body) {
    boolean room = entries.size() < MAX_KEYS || forgetOldestAnswered(null);
    if (!room || !reserveOrForget(SessionWeights.key(key), null)) {
      return TOO_MANY;
    }
    entries.put(key, new Entry(body));
    return null;
  }

  /**
   * Reserves memory, for which older keys are forgotten.
   *
   * @param but an entry to keep
   */
  private boolean reserveOrForget(long size, Entry but) {
    boolean room = reserve(size);
    while (!room && forgetOldestAnswered(but)) {
      room = reserve(size);
    }
    return room;
  }

  private boolean reserve(long size) {
    long more = reserved(weight + size) - reserved(weight);
    boolean room = more == 0 || holder.reserve(Kind.REMEMBERED, more);
    if (room) {
      weight += size;
    }
    return room;
  }

  private void release(long size) {
    holder.release(Kind.REMEMBERED, reserved(weight) - reserved(weight - size));
    weight -= size;
  }

  /** What is reserved for keys and results of this size, in addition to the session's own room. */
  private static long reserved(long size) {
    return Math.max(0, size - SessionWeights.FIRST_KEY);
  }

  /**
   * @param but an entry to keep
   * @return false if there is no other
   */
  private boolean forgetOldestAnswered(Entry but) {
    Iterator<Map.Entry<String, Entry>> oldest = entries.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<String, Entry> candidate = oldest.next();
      List<CommandResult> results = candidate.getValue().results;
      if (results != null && candidate.getValue() != but) {
        bytes -= size(results);
        release(size(results) + SessionWeights.key(candidate.getKey()));
        oldest.remove();
        return true;
      }
    }
    return false;
  }

  private static long size(List<CommandResult> results) {
    return results.stream().mapToLong(SessionWeights::result).sum();
  }
}
