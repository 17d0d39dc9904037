package cablestream.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Records what a logger and its descendants log until it is closed. */
public final class RecordedLog extends Handler implements AutoCloseable {
  /** Held here because loggers are held weakly. */
  private final Logger logger;

  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private RecordedLog(Logger logger) {
    this.logger = logger;
    logger.addHandler(this);
  }

  /** Records the logger of a class. */
  public static RecordedLog of(Class<?> type) {
    return below(type.getName());
  }

  /**
   * @param name of a logger; empty for all loggers of this process
   */
  public static RecordedLog below(String name) {
    return new RecordedLog(Logger.getLogger(name));
  }

  public List<LogRecord> records() {
    return records;
  }

  /** The messages, with their parameters inserted. */
  public List<String> lines() {
    return records.stream().map(new SimpleFormatter()::formatMessage).toList();
  }

  @Override
  public void publish(LogRecord line) {
    if (isLoggable(line)) {
      records.add(line);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
