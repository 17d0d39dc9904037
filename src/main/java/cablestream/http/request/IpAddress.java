package cablestream.http.request;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An address of IPv4 (four decimal numbers) or IPv6 (RFC 4291, 2.2), read from untrusted text. The
 * JDK's own parser queries DNS for text that isn't quite an address, such as {@code 999.9.9.9};
 * this one never does.
 */
public final class IpAddress {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final int GROUPS = 8;

  /** The beginning of {@code ::ffff:192.0.2.1}. */
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  /**
   * A customer gets a network with a prefix of at most this length, and may use any address in it.
   */
  private static final int NETWORK_BYTES = 8;

  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads an address, as {@link #bare} returns it.
   *
   * @return null if the text is invalid; an IPv4 address for an IPv4-mapped one
   */
  public static IpAddress parse(String text) {
    String bare = bare(text);
    byte[] bytes = bare.indexOf(':') < 0 ? ipv4(bare) : ipv6(bare);
    if (bytes == null) {
      return null;
    }
    boolean isMapped = bytes.length == IPV6_BYTES && Arrays.mismatch(bytes, MAPPED) == 12;
    return new IpAddress(isMapped ? Arrays.copyOfRange(bytes, 12, IPV6_BYTES) : bytes);
  }

  /**
   * @param bytes 4 or 16, in network order
   */
  public static IpAddress of(byte[] bytes) {
    return new IpAddress(bytes.clone());
  }

  /** Removes brackets, which Jetty puts around IPv6, and the name of an interface. */
  static String bare(String text) {
    String address = text;
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }

  /**
   * The form that Rails also writes (RFC 5952, 4): Java writes {@code 0:0:0:0:0:0:0:1} for {@code
   * ::1}.
   *
   * @return the text as {@link #bare} returns it if it is no address
   */
  static String canonical(String text) {
    String bare = bare(text);
    // IPv4 has one valid form only.
    IpAddress address = bare.indexOf(':') < 0 ? null : parse(bare);
    if (address == null) {
      return bare;
    }
    return address.bytes.length == IPV4_BYTES ? address.dotted() : address.compressed();
  }

  private String dotted() {
    StringBuilder text = new StringBuilder();
    for (byte each : bytes) {
      text.append(text.length() == 0 ? "" : ".").append(each & 0xFF);
    }
    return text.toString();
  }

  /**
   * Writes the longest run of at least two groups of zeros as {@code ::}; of equal ones the first.
   */
  private String compressed() {
    int from = GROUPS;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(end) == 0) {
        end++;
      }
      if (end - i > length) {
        from = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == from) {
        text.append("::");
        i += length - 1;
      } else {
        boolean isFirst = text.length() == 0 || text.charAt(text.length() - 1) == ':';
        text.append(isFirst ? "" : ":").append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    return (bytes[2 * index] & 0xFF) << 8 | bytes[2 * index + 1] & 0xFF;
  }

  /** 4 or 16 bytes, in network order. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The length: 32 or 128. */
  int bits() {
    return bytes.length * 8;
  }

  /** Whether its first bits are those of the other. */
  boolean isIn(IpAddress network, int prefix) {
    if (network.bytes.length != bytes.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      int mask = 0x80 >> bit % 8;
      if (((network.bytes[bit / 8] ^ bytes[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The network that one customer is assumed to hold: an IPv4 address, or an IPv6 /64. */
  public String network() {
    if (bytes.length == IPV4_BYTES) {
      return dotted();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < NETWORK_BYTES / 2; i++) {
      text.append(Integer.toHexString(group(i))).append(':');
    }
    return text.append(":/64").toString();
  }

  private static byte[] ipv4(String text) {
    byte[] bytes = new byte[IPV4_BYTES];
    int count = 0;
    int from = 0;
    int value = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? '.' : text.charAt(i);
      if (c == '.') {
        int digits = i - from;
        // Some parsers read a leading zero as octal.
        boolean isNumber = digits == 1 || digits > 1 && text.charAt(from) != '0';
        if (!isNumber || value > 255 || count == IPV4_BYTES) {
          return null;
        }
        bytes[count++] = (byte) value;
        from = i + 1;
        value = 0;
      } else if (c >= '0' && c <= '9' && i - from < 3) {
        value = 10 * value + c - '0';
      } else {
        return null;
      }
    }
    return count == IPV4_BYTES ? bytes : null;
  }

  private static byte[] ipv6(String text) {
    int gap = text.indexOf("::");
    byte[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
    byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2), true);
    if (head == null || tail == null) {
      return null;
    }
    int length = head.length + tail.length;
    if (gap < 0 ? length != IPV6_BYTES : length > IPV6_BYTES - 2) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(head, IPV6_BYTES);
    System.arraycopy(tail, 0, bytes, IPV6_BYTES - tail.length, tail.length);
    return bytes;
  }

  /**
   * Groups of hexadecimal digits, separated by colons.
   *
   * @param mayEndInIpv4 whether the last two groups may be written as an IPv4 address
   */
  private static byte[] groups(String text, boolean mayEndInIpv4) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    String[] groups = text.split(":", -1);
    if (groups.length > GROUPS) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(2 * GROUPS + 2);
    for (int i = 0; i < groups.length; i++) {
      boolean isIpv4 = mayEndInIpv4 && i == groups.length - 1 && groups[i].indexOf('.') >= 0;
      byte[] group = isIpv4 ? ipv4(groups[i]) : group(groups[i]);
      if (group == null) {
        return null;
      }
      bytes.put(group);
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private static byte[] group(String text) {
    if (text.isEmpty() || text.length() > 4 || !text.chars().allMatch(HexFormat::isHexDigit)) {
      return null;
    }
    int value = HexFormat.fromHexDigits(text);
    return new byte[] {(byte) (value >> 8), (byte) value};
  }
}
