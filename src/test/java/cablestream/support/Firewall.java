package cablestream.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the kernel silently drop all packets to and from one address of the loopback network, as
 * when a client's network vanishes, until it is closed.
 */
public final class Firewall implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/iptables");

  private final String address;

  /** Whether this machine and this user can set firewall rules. */
  public static boolean isThere() {
    return Files.isExecutable(PROGRAM) && run("--wait", "--list", "INPUT", "--numeric");
  }

  /**
   * @param address an unused one, such as 127.1.2.3
   */
  public static Firewall around(String address) {
    Firewall firewall = new Firewall(address);
    firewall.change("--insert", "--source");
    firewall.change("--insert", "--destination");
    return firewall;
  }

  private Firewall(String address) {
    this.address = address;
  }

  /** What it does, for a test's display name. */
  @Override
  public String toString() {
    return "packets of " + address + " dropped";
  }

  @Override
  public void close() {
    change("--delete", "--source");
    change("--delete", "--destination");
  }

  private void change(String how, String which) {
    if (!run("--wait", how, "INPUT", "--in-interface", "lo", which, address, "--jump", "DROP")) {
      throw new IllegalStateException("iptables doesn't " + how + " " + which + " " + address);
    }
  }

  private static boolean run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean done = process.waitFor() == 0;
      if (!done) {
        System.out.println(command + ": " + said);
      }
      return done;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
