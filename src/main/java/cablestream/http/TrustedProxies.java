package cablestream.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/** The peers whose forwarding headers are believed: networks in CIDR notation, IPv4 and IPv6. */
public final class TrustedProxies {
  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /** Loopback and private addresses (RFC 1918, RFC 4193), as Rails trusts them. */
  public static final TrustedProxies DEFAULT =
      of(
          List.of(
              "127.0.0.0/8",
              "::1/128",
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "fc00::/7"));

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * @param networks each an address, or an address with the length of its prefix; none: nobody is
   *     trusted
   * @throws IllegalArgumentException where one can't be read
   */
  public static TrustedProxies of(List<String> networks) {
    return new TrustedProxies(networks.stream().map(Network::parse).toList());
  }

  /** Whether the address, as a container or a forwarding header writes it, is one of them. */
  boolean contains(String address) {
    byte[] bytes = bytes(address);
    return bytes != null && networks.stream().anyMatch(network -> network.contains(bytes));
  }

  /** Whether it is an IP address, not a name. */
  static boolean isAddress(String text) {
    return bytes(text) != null;
  }

  /** The networks as they were given. */
  @Override
  public String toString() {
    return String.join(", ", networks.stream().map(Network::text).toList());
  }

  /** 4 or 16 bytes (an IPv4-mapped address: 4), or null; never asks a name server. */
  private static byte[] bytes(String text) {
    String address = bare(text);
    if (!IPV4.matcher(address).matches() && !IPV6.matcher(address).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Without brackets, which Jetty puts around IPv6, and without the name of an interface. */
  static String bare(String text) {
    String address = text;
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }

  private record Network(String text, byte[] address, int prefix) {
    static Network parse(String text) {
      int slash = text.indexOf('/');
      byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
      String length = slash < 0 ? "" : text.substring(slash + 1);
      if (address == null || slash >= 0 && !Tokens.isDigits(length, 3)) {
        throw new IllegalArgumentException("not an address or a network like 10.0.0.0/8: " + text);
      }
      int bits = address.length * 8;
      int prefix = slash < 0 ? bits : Integer.parseInt(length);
      if (prefix > bits) {
        throw new IllegalArgumentException("a prefix of at most " + bits + " bits: " + text);
      }
      return new Network(text, address, prefix);
    }

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < prefix; bit++) {
        int mask = 0x80 >> bit % 8;
        if (((address[bit / 8] ^ other[bit / 8]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
