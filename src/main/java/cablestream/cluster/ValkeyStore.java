package cablestream.cluster;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.SetParams;

/**
 * Valkey or Redis, 7 or later ({@code SET … NX GET}), through Jedis.
 *
 * <p>The live nodes are a sorted set, scored by the end of their lease on the store's own clock. A
 * claim is a key of its own, whose value is the node's id: it counts while that node is alive. It
 * has a time to live of hours, so that the claims of dead nodes disappear. Keys of one script share
 * a hash tag, so that clusters of stores also work.
 */
final class ValkeyStore implements Store {
  static final long LEASE_MILLIS = 5_000;

  /** More than twice the interval of renewals. */
  static final long CLAIM_MILLIS = Duration.ofHours(2).toMillis();

  /** How long a secret is remembered after its last use. */
  static final long SECRET_MILLIS = Duration.ofMinutes(1).toMillis();

  /** Shared by all nodes, whatever their secret. */
  private static final String SECRETS_KEY = "cablestream:secrets";

  /** The largest number of taken keys in one answer to a beat; later ones follow with the next. */
  private static final int MAX_TAKEN = 10_000;

  /** The number of keys in one pipeline. */
  private static final int BATCH = 500;

  private static final String NOW =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      """;

  /** KEYS: nodes, taken; ARGV: line, former line, lease in ms, taken keys at most. */
  private static final String BEAT =
      NOW
          + """
          local ends = redis.call('ZSCORE', KEYS[1], ARGV[2])
          local known = ends and tonumber(ends) >= now
          if ARGV[2] ~= ARGV[1] then redis.call('ZREM', KEYS[1], ARGV[2]) end
          redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
          redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
          local taken = redis.call('LRANGE', KEYS[2], 0, ARGV[4] - 1)
          if #taken > 0 then redis.call('LTRIM', KEYS[2], #taken, -1) end
          return {known and 1 or 0, redis.call('ZRANGE', KEYS[1], 0, -1), taken}
          """;

  /** KEYS: secrets; ARGV: name of this one, time to live in ms. */
  private static final String OTHER_SECRETS =
      NOW
          + """
          redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
          redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
          return #redis.call('ZRANGE', KEYS[1], 0, -1) - 1
          """;

  /** KEYS: nodes. */
  private static final String NODES =
      NOW + "return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')";

  /** KEYS: claim; ARGV: node, from, time to live in ms. */
  private static final String TAKE =
      """
      local owner = redis.call('GET', KEYS[1])
      if owner == false or owner == ARGV[2] then
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
        return ARGV[1]
      end
      return owner
      """;

  /** KEYS: claim; ARGV: node, time to live in ms, 0 for none. */
  private static final String RENEW =
      """
      if redis.call('GET', KEYS[1]) == ARGV[1] then
        if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
      end
      return 0
      """;

  private final StoreConnection connection;
  private final String prefix;

  /**
   * Connects on first use.
   *
   * @param uri in the format of {@link StoreAddress#ALLOWED}
   * @param prefix the beginning of all keys
   */
  ValkeyStore(URI uri, String prefix) {
    this.prefix = prefix;
    connection = new StoreConnection(StoreAddress.of(uri));
  }

  @Override
  public Beat beat(String node, String line, String former) {
    List<?> answer =
        (List<?>)
            store()
                .eval(
                    BEAT,
                    List.of(nodesKey(), takenKey(node)),
                    List.of(line, former, String.valueOf(LEASE_MILLIS), String.valueOf(MAX_TAKEN)));
    return new Beat(
        answer.get(0).equals(1L),
        strings((List<?>) answer.get(1)),
        strings((List<?>) answer.get(2)));
  }

  @Override
  public List<String> nodes() {
    return strings((List<?>) store().eval(NODES, List.of(nodesKey()), List.of()));
  }

  @Override
  public int otherSecrets() {
    Object others =
        store()
            .eval(
                OTHER_SECRETS,
                List.of(SECRETS_KEY),
                List.of(prefix, String.valueOf(SECRET_MILLIS)));
    return ((Long) others).intValue();
  }

  @Override
  public void leave(String node, String line) {
    store().zrem(nodesKey(), line);
    store().del(takenKey(node));
  }

  @Override
  public Map<String, String> claim(String node, Collection<String> keys) {
    Map<String, String> owners = claimed(node, keys);
    // NX keeps the remaining time of keys that the node owned.
    renew(node, keys.stream().filter(key -> node.equals(owners.get(key))).toList(), CLAIM_MILLIS);
    owners.replaceAll((key, owner) -> owner == null ? node : owner);
    return owners;
  }

  /** The previous owners; null for none. */
  private Map<String, String> claimed(String node, Collection<String> keys) {
    SetParams params = SetParams.setParams().nx().px(CLAIM_MILLIS);
    if (keys.size() > 1) {
      return pipelined(keys, (pipeline, key) -> pipeline.setGet(claimKey(key), node, params));
    }
    // Follows a cluster's redirection, as a pipeline doesn't.
    Map<String, String> before = new HashMap<>();
    keys.forEach(key -> before.put(key, store().setGet(claimKey(key), node, params)));
    return before;
  }

  @Override
  public Map<String, String> owners(Collection<String> keys) {
    return pipelined(keys, (pipeline, key) -> pipeline.get(claimKey(key)));
  }

  @Override
  public Map<String, String> take(String node, Map<String, String> from) {
    // First, so that a living node is notified in any case; it checks whether it is true.
    pipelined(from.keySet(), (pipeline, key) -> pipeline.rpush(takenKey(from.get(key)), key));
    pipelined(
        Set.copyOf(from.values()),
        (pipeline, owner) -> pipeline.pexpire(takenKey(owner), CLAIM_MILLIS));
    String lasting = String.valueOf(CLAIM_MILLIS);
    Map<String, String> owners = new HashMap<>();
    pipelined(
            from.keySet(),
            (pipeline, key) ->
                pipeline.eval(TAKE, List.of(claimKey(key)), List.of(node, from.get(key), lasting)))
        .forEach((key, owner) -> owners.put(key, (String) owner));
    return owners;
  }

  @Override
  public void release(String node, Collection<String> keys) {
    renew(node, keys, 0);
  }

  @Override
  public void renew(String node, Collection<String> keys, long milliseconds) {
    List<String> arguments = List.of(node, String.valueOf(milliseconds));
    pipelined(keys, (pipeline, key) -> pipeline.eval(RENEW, List.of(claimKey(key)), arguments));
  }

  @Override
  public void close() {
    connection.close();
  }

  private UnifiedJedis store() {
    return connection.get();
  }

  /** Sends a request for each key, many at a time, and returns the replies. */
  private <T> Map<String, T> pipelined(
      Collection<String> keys, BiFunction<AbstractPipeline, String, Response<T>> request) {
    Map<String, T> replies = new HashMap<>();
    for (Iterator<String> rest = keys.iterator(); rest.hasNext(); ) {
      try (AbstractPipeline pipeline = store().pipelined()) {
        Map<String, Response<T>> sent = new HashMap<>();
        while (rest.hasNext() && sent.size() < BATCH) {
          String key = rest.next();
          sent.put(key, request.apply(pipeline, key));
        }
        pipeline.sync();
        sent.forEach((key, reply) -> replies.put(key, reply.get()));
      }
    }
    return replies;
  }

  private static List<String> strings(List<?> answer) {
    return answer.stream().map(String.class::cast).toList();
  }

  private String nodesKey() {
    return prefix + "{nodes}";
  }

  private String takenKey(String node) {
    return prefix + "{nodes}:taken:" + node;
  }

  private String claimKey(String key) {
    return prefix + "claim:" + key;
  }
}
