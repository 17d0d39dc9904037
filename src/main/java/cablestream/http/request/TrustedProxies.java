package cablestream.http.request;

import java.util.List;

/** The peers whose forwarding headers are trusted: networks in CIDR notation, IPv4 and IPv6. */
public final class TrustedProxies {
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
   * @param networks each an address, or an address with a prefix length; empty to trust none
   * @throws IllegalArgumentException if one is invalid
   */
  public static TrustedProxies of(List<String> networks) {
    return new TrustedProxies(networks.stream().map(Network::parse).toList());
  }

  /** Whether one of them contains the address, as a container or a forwarding header writes it. */
  boolean contains(String address) {
    IpAddress parsed = IpAddress.parse(address);
    return parsed != null
        && networks.stream().anyMatch(each -> parsed.isIn(each.address, each.prefix));
  }

  /** The networks as configured. */
  @Override
  public String toString() {
    return String.join(", ", networks.stream().map(Network::text).toList());
  }

  private record Network(String text, IpAddress address, int prefix) {
    static Network parse(String text) {
      int slash = text.indexOf('/');
      IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
      String length = slash < 0 ? "" : text.substring(slash + 1);
      if (address == null || slash >= 0 && !Tokens.isDigits(length, 3)) {
        throw new IllegalArgumentException("not an address or a network like 10.0.0.0/8: " + text);
      }
      int bits = address.bits();
      int prefix = slash < 0 ? bits : Integer.parseInt(length);
      if (prefix > bits) {
        throw new IllegalArgumentException("a prefix of at most " + bits + " bits: " + text);
      }
      return new Network(text, address, prefix);
    }
  }
}
