package cablestream.cluster;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
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
   * @param uri {@code redis://[user:password@]host[:port][/database]}, {@code
   *     redis-sentinel://[user:password@]host:port,…/master} for sentinels, or {@code
   *     redis-cluster://[user:password@]host:port,…} for a cluster; with {@code rediss} in place of
   *     {@code redis} for TLS
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
  public List<String> claim(String node, List<String> keys) {
    List<String> owners = new ArrayList<>(keys.size());
    List<String> own = new ArrayList<>();
    List<String> before = claimed(node, keys);
    for (int i = 0; i < keys.size(); i++) {
      owners.add(before.get(i) == null ? node : before.get(i));
      if (node.equals(before.get(i))) {
        own.add(keys.get(i));
      }
    }
    renew(node, own, CLAIM_MILLIS); // NX keeps the remaining time of keys that the node owned
    return owners;
  }

  /** The previous owners; null for none. */
  private List<String> claimed(String node, List<String> keys) {
    SetParams params = SetParams.setParams().nx().px(CLAIM_MILLIS);
    List<String> before = new ArrayList<>(keys.size());
    if (keys.size() == 1) {
      before.add(store().setGet(claimKey(keys.get(0)), node, params));
      return before;
    }
    for (List<String> batch : batches(keys)) {
      try (AbstractPipeline pipeline = store().pipelined()) {
        List<Response<String>> answers =
            batch.stream().map(key -> pipeline.setGet(claimKey(key), node, params)).toList();
        pipeline.sync();
        answers.forEach(answer -> before.add(answer.get()));
      }
    }
    return before;
  }

  @Override
  public List<String> owners(List<String> keys) {
    List<String> owners = new ArrayList<>(keys.size());
    for (List<String> batch : batches(keys)) {
      try (AbstractPipeline pipeline = store().pipelined()) {
        List<Response<String>> answers =
            batch.stream().map(key -> pipeline.get(claimKey(key))).toList();
        pipeline.sync();
        answers.forEach(answer -> owners.add(answer.get()));
      }
    }
    return owners;
  }

  @Override
  public List<String> take(String node, List<String> keys, List<String> from) {
    // First, so that a living node is notified in any case; it checks whether it is true.
    try (AbstractPipeline pipeline = store().pipelined()) {
      for (int i = 0; i < keys.size(); i++) {
        if (!from.get(i).equals(node)) {
          pipeline.rpush(takenKey(from.get(i)), keys.get(i));
        }
      }
      new HashSet<>(from).forEach(each -> pipeline.pexpire(takenKey(each), CLAIM_MILLIS));
      pipeline.sync();
    }
    String lasting = String.valueOf(CLAIM_MILLIS);
    try (AbstractPipeline pipeline = store().pipelined()) {
      List<Response<Object>> answers = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        answers.add(
            pipeline.eval(
                TAKE, List.of(claimKey(keys.get(i))), List.of(node, from.get(i), lasting)));
      }
      pipeline.sync();
      return answers.stream().map(answer -> (String) answer.get()).toList();
    }
  }

  @Override
  public void release(String node, List<String> keys) {
    renew(node, keys, 0);
  }

  @Override
  public void renew(String node, List<String> keys, long milliseconds) {
    for (List<String> batch : batches(keys)) {
      try (AbstractPipeline pipeline = store().pipelined()) {
        for (String key : batch) {
          pipeline.eval(RENEW, List.of(claimKey(key)), List.of(node, String.valueOf(milliseconds)));
        }
        pipeline.sync();
      }
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  private UnifiedJedis store() {
    return connection.get();
  }

  private static List<List<String>> batches(List<String> keys) {
    List<List<String>> batches = new ArrayList<>();
    for (int i = 0; i < keys.size(); i += BATCH) {
      batches.add(keys.subList(i, Math.min(keys.size(), i + BATCH)));
    }
    return batches;
  }

  private static List<String> strings(List<?> answer) {
    return answer.stream().map(String.class::cast).collect(Collectors.toList());
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
