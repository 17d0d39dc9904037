package cablestream.cluster;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;

/** Connects Jedis to a store: a single server, sentinels, or a cluster. Any thread. */
final class StoreConnection implements AutoCloseable {
  /** The time limit of a connection attempt, and of an answer. */
  static final int PATIENCE_MILLIS = 1_000;

  private static final int MAX_CONNECTIONS = 8;

  private final StoreAddress address;
  private UnifiedJedis connected;
  private boolean closed;

  /** Connects on first use. */
  StoreConnection(StoreAddress address) {
    this.address = address;
  }

  /** Jedis contacts a cluster or the sentinels as soon as the client is made. */
  synchronized UnifiedJedis get() {
    if (closed) {
      throw new IllegalStateException("the store is closed");
    }
    if (connected == null) {
      connected = connect();
    }
    return connected;
  }

  private UnifiedJedis connect() {
    JedisClientConfig config = config(address);
    return switch (address.kind()) {
      case SINGLE ->
          RedisClient.builder()
              .hostAndPort(hosts(address).iterator().next())
              .clientConfig(config)
              .poolConfig(pool())
              .build();
      case SENTINEL ->
          RedisSentinelClient.builder()
              .masterName(address.master())
              .sentinels(hosts(address))
              .clientConfig(config)
              .sentinelClientConfig(connection(address).build())
              .poolConfig(pool())
              .build();
      case CLUSTER ->
          RedisClusterClient.builder()
              .nodes(hosts(address))
              .clientConfig(config)
              .poolConfig(pool())
              .maxAttempts(2)
              .maxTotalRetriesDuration(Duration.ofMillis(PATIENCE_MILLIS))
              .build();
    };
  }

  private static Set<HostAndPort> hosts(StoreAddress address) {
    Set<HostAndPort> hosts = new LinkedHashSet<>();
    address.hosts().forEach(host -> hosts.add(new HostAndPort(host.name(), host.port())));
    return hosts;
  }

  private static JedisClientConfig config(StoreAddress address) {
    return connection(address)
        .user(address.user())
        .password(address.password())
        .database(address.database())
        .clientName("cablestream")
        .build();
  }

  /** The deprecated methods have no successor that can replace a socket without TLS. */
  @SuppressWarnings("deprecation")
  private static DefaultJedisClientConfig.Builder connection(StoreAddress address) {
    return DefaultJedisClientConfig.builder()
        .resp2() // ReplyLimit knows no other
        .connectionTimeoutMillis(PATIENCE_MILLIS)
        .socketTimeoutMillis(PATIENCE_MILLIS)
        .ssl(true)
        .sslSocketFactory(new StoreSockets(address.tls()));
  }

  private static ConnectionPoolConfig pool() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(MAX_CONNECTIONS);
    pool.setMaxIdle(MAX_CONNECTIONS);
    pool.setMaxWait(Duration.ofMillis(PATIENCE_MILLIS));
    // The eviction threads would outlive the web application's class loader; broken connections are
    // noticed when they are used.
    pool.setTimeBetweenEvictionRuns(Duration.ofMillis(-1));
    pool.setJmxEnabled(false);
    return pool;
  }

  @Override
  public void close() {
    UnifiedJedis former;
    synchronized (this) {
      closed = true;
      former = connected;
    }
    if (former != null) {
      former.close();
    }
  }
}
