package cablestream.standalone.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What all connections share: the thread on which everything here runs, the heartbeat, the streams
 * to which channels broadcast, and the ticks on one of them. One thread suffices for a
 * demonstration and needs no locks.
 */
final class DemoServer {
  /** How long it is unavailable during a restart. */
  private static final Duration RESTART = Duration.ofSeconds(2);

  /** ActionCable::Server::Connections::BEAT_INTERVAL. */
  private static final Duration BEAT = Duration.ofSeconds(3);

  /** The stream of the numbered ticks. */
  static final String TICKS = "ticks";

  static final Duration TICK_PERIOD = Duration.ofMillis(200);

  private final ScheduledThreadPoolExecutor thread;
  private final Set<DemoConnection> connections = new LinkedHashSet<>();
  private final Map<String, Set<Channel>> streams = new LinkedHashMap<>();

  private volatile long latestTick;

  /** By {@link System#nanoTime}: no connections are accepted before. */
  private volatile long restartedAt = System.nanoTime();

  DemoServer() {
    thread = new ScheduledThreadPoolExecutor(1, DemoServer::daemon);
    thread.setRemoveOnCancelPolicy(true);
    // Connections still close while the server stops; their last messages don't matter.
    thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    every(BEAT, this::beat);
    every(TICK_PERIOD, this::tick);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "cablestream-demo");
    thread.setDaemon(true);
    return thread;
  }

  void execute(Runnable task) {
    thread.execute(task);
  }

  Future<?> after(Duration delay, Runnable task) {
    return thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  Future<?> every(Duration period, Runnable task) {
    long millis = period.toMillis();
    return thread.scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /**
   * Ends all connections as Rails does when it restarts, and accepts none for two seconds. Any
   * thread.
   */
  void restart() {
    restartedAt = System.nanoTime() + RESTART.toNanos();
    execute(
        () ->
            List.copyOf(connections)
                .forEach(connection -> connection.disconnect("server_restart", true)));
  }

  /** How long it is still unavailable, in milliseconds. Any thread. */
  long restartMillis() {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(restartedAt - System.nanoTime()));
  }

  void add(DemoConnection connection) {
    connections.add(connection);
  }

  void remove(DemoConnection connection) {
    connections.remove(connection);
  }

  /** As in Rails: one beat for all, so the first ping comes at any time within the interval. */
  private void beat() {
    long now = Instant.now().getEpochSecond();
    connections.forEach(connection -> connection.send(Frames.ping(now)));
  }

  /**
   * Broadcasts a number with subscribers or without, as the rest of an application does while its
   * Action Cable server restarts.
   */
  private void tick() {
    long next = latestTick + 1;
    latestTick = next;
    broadcast(TICKS, "{\"tick\":" + next + ",\"time\":" + System.currentTimeMillis() + "}");
  }

  /** The number of the latest tick. Any thread. */
  long latestTick() {
    return latestTick;
  }

  void join(String stream, Channel channel) {
    streams.computeIfAbsent(stream, name -> new LinkedHashSet<>()).add(channel);
  }

  void leave(String stream, Channel channel) {
    Set<Channel> channels = streams.getOrDefault(stream, Set.of());
    if (channels.remove(channel) && channels.isEmpty()) {
      streams.remove(stream);
    }
  }

  void broadcast(String stream, String message) {
    streams.getOrDefault(stream, Set.of()).forEach(each -> each.transmit(message));
  }

  /** Waits until the thread has ended, so that an undeployed application leaves none. */
  void stop() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
