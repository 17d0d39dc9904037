package cablestream;

import cablestream.cable.CableSettings;
import cablestream.cable.jetty.JettyCableDialer;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.memory.Account;
import cablestream.metrics.Exposition;
import cablestream.metrics.Metrics;
import cablestream.session.SessionManager;
import jakarta.servlet.ServletContext;
import java.net.URI;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions by which {@code java -jar} has its process run through a browser's requests before there
 * is a browser. They are made of the same classes as all others, observer included, so that what is
 * compiled for them serves those, too; but they have an account, metrics and a dialer of their own,
 * which nobody sees and which end with the warm-up, and they are in no cluster. Any thread.
 */
public final class WarmUpSessions implements Supplier<SessionManager>, AutoCloseable {
  /**
   * The servlet context's attribute with a {@code URI}: the ActionCable server that they dial. It
   * is set by whoever runs the web application alone in a process and will warm it up, and marks
   * its requests with an attribute ({@code SessionRouter}).
   */
  public static final String CABLE = "cablestream.warm-up.cable";

  /** The attribute with a {@code Runnable} that ends them; then the bridge is ready. May block. */
  public static final String OVER = "cablestream.warm-up.over";

  /** The attribute with an {@code IntSupplier}: how many sessions of others there are now. */
  public static final String OTHERS = "cablestream.warm-up.others";

  private static final Logger LOG = LoggerFactory.getLogger(WarmUpSessions.class);

  /** Null where there are no sessions. */
  private JettyCableDialer dialer;

  private volatile SessionManager sessions;

  private WarmUpSessions(JettyCableDialer dialer, SessionManager sessions) {
    this.dialer = dialer;
    this.sessions = sessions;
  }

  /**
   * Opens none yet.
   *
   * @param others those that browsers have
   * @return none where nobody will warm up
   */
  static WarmUpSessions of(ServletContext context, Environment environment, SessionManager others) {
    if (!(context.getAttribute(CABLE) instanceof URI cable)) {
      return new WarmUpSessions(null, null);
    }
    try {
      return of(cable, context, environment, others);
    } catch (RuntimeException | OutOfMemoryError e) {
      // For lack of threads, say: the bridge needs fewer.
      LOG.warn("event=warm_up_failed error=\"{}\"", e.toString());
      return new WarmUpSessions(null, null);
    }
  }

  private static WarmUpSessions of(
      URI cable, ServletContext context, Environment environment, SessionManager others) {
    Metrics metrics = new Metrics(new Exposition());
    // Not the operator's limits, by which it might be refused.
    Limits limits = Limits.defaults().ofTrials();
    Account account = new Account(Runtime.getRuntime().maxMemory(), limits.budgetBytes());
    JettyCableDialer dialer =
        new JettyCableDialer(CableSettings.defaults(cable), environment.timers(), metrics, account);
    SessionManager sessions =
        new SessionManager(environment.with(limits, dialer, metrics, account));
    WarmUpSessions warmUp = new WarmUpSessions(dialer, sessions);
    Runnable over = warmUp::close;
    IntSupplier size = others::size;
    context.setAttribute(OVER, over);
    context.setAttribute(OTHERS, size);
    return warmUp;
  }

  /** Null once the warm-up is over, and where there is none. */
  @Override
  public SessionManager get() {
    return sessions;
  }

  @Override
  public synchronized void close() {
    SessionManager last = sessions;
    sessions = null;
    if (last != null) {
      try {
        last.close();
      } finally {
        dialer.close();
        dialer = null;
      }
    }
  }
}
