package cablestream.hardening;

import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.Nginx;
import cablestream.support.wire.Site;

/**
 * A bridge under attack, with its Action Cable server and the proxy in front of it.
 *
 * @param direct its address without the proxy
 * @param nginx null for none
 */
record Besieged(CableServer cable, ChildProcess process, Site direct, Nginx nginx)
    implements AutoCloseable {

  /** The address that attackers and regular clients use. */
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
