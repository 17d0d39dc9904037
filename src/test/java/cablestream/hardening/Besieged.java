package cablestream.hardening;

import cablestream.support.containers.ChildProcess;
import cablestream.support.wire.Site;

/**
 * A bridge that is attacked, with its Action Cable server and the proxy before it.
 *
 * @param direct where it is reached past the proxy
 * @param nginx null for none
 */
record Besieged(CableServer cable, ChildProcess process, Site direct, Nginx nginx)
    implements AutoCloseable {

  /** Where strangers, callers and those who behave reach it. */
  Site site() {
    return nginx == null ? direct : new Site(nginx.port(), direct.path());
  }

  @Override
  public void close() {
    process.close();
    if (nginx != null) {
      nginx.close();
    }
    cable.close();
  }
}
