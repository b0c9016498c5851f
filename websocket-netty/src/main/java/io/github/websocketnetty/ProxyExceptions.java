package io.github.websocketnetty;

import io.github.websocketnetty.protocol.Authority;
import io.github.websocketnetty.protocol.HostName;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The servers that are reached without a proxy, as the variable {@code no_proxy} lists them.
 * Immutable.
 *
 * <p>Entries are separated by commas or spaces. An entry is one of:
 *
 * <ul>
 *   <li>{@code *}: all servers;
 *   <li>{@code example.com} or {@code .example.com}: that name and all names below it;
 *   <li>{@code *.example.com}: all names below it;
 *   <li>an IPv4 or IPv6 address, the latter with or without brackets;
 *   <li>{@code 10.0.0.0/8} or {@code fd00::/8}, the latter with or without brackets: the addresses
 *       with that prefix.
 * </ul>
 *
 * <p>A port may stand behind all but a prefix; an IPv6 address needs its brackets then. A dot at
 * the end of a name means nothing. No name is looked up: an address in the list stands for URIs
 * with that address. Entries of other forms stand for nothing.
 */
final class ProxyExceptions {
  private static final int MAX_ASCII = 0x7F;
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  /** Where the IPv4 address begins in an IPv6 address that stands for one. */
  private static final int MAPPED_OFFSET = 12;

  private final List<Entry> entries;

  private ProxyExceptions(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException if it has a name outside ASCII that is invalid
   */
  static ProxyExceptions parse(String list) {
    return new ProxyExceptions(
        Arrays.stream(list.split("[,\\s]+"))
            .filter(text -> !text.isEmpty())
            .map(ProxyExceptions::entry)
            .filter(Objects::nonNull)
            .toList());
  }

  /** Returns whether a server is reached without a proxy. */
  boolean contains(WebSocketUri server) {
    String name = withoutDot(HostName.withoutZone(server.host()));
    byte[] address = address(name);
    return entries.stream()
        .anyMatch(
            entry ->
                (entry.port() < 0 || entry.port() == server.port())
                    && entry.hosts().contain(name, address));
  }

  /** Which hosts an entry stands for. */
  private interface Hosts {
    /**
     * Returns whether a host is one of these.
     *
     * @param address the bytes of the name if that is an address, else null
     */
    boolean contain(String name, byte[] address);
  }

  private record Entry(Hosts hosts, int port) {}

  private static Entry entry(String text) {
    String whole = withoutBrackets(text);
    int slash = whole.indexOf('/');
    if (slash >= 0) {
      Hosts prefix = prefix(whole.substring(0, slash), whole.substring(slash + 1));
      return prefix == null ? null : new Entry(prefix, -1);
    }
    byte[] bare = address(text);
    if (bare != null) { // without brackets the last group is no port
      return new Entry(prefix(bare, bare.length * Byte.SIZE), -1);
    }
    boolean all = text.equals("*") || text.startsWith("*:");
    boolean below = text.startsWith("*.");
    String host = all ? "any" + text.substring(1) : text.substring(below ? 1 : 0);
    Authority authority = authority(host.startsWith(".") ? host.substring(1) : host);
    if (authority == null) {
      return null;
    }
    Hosts hosts = all ? (name, address) -> true : hosts(authority.host(), below);
    return new Entry(hosts, authority.port());
  }

  /** Returns null for what is no host: other programs ignore that too. */
  private static Authority authority(String text) {
    try {
      return Authority.parse(text);
    } catch (IllegalArgumentException invalid) {
      if (text.chars().allMatch(c -> c <= MAX_ASCII)) {
        return null;
      }
      // To ignore it would send to the proxy what was meant to go past it.
      throw new IllegalArgumentException("no_proxy: " + invalid.getMessage(), invalid);
    }
  }

  private static Hosts hosts(String host, boolean below) {
    byte[] bytes = address(HostName.withoutZone(host));
    if (bytes != null) {
      return prefix(bytes, bytes.length * Byte.SIZE);
    }
    String listed = withoutDot(host);
    String end = '.' + listed;
    return (name, address) ->
        address == null && (name.endsWith(end) || !below && name.equals(listed));
  }

  private static String withoutBrackets(String text) {
    boolean inBrackets = text.startsWith("[") && text.endsWith("]");
    return inBrackets ? text.substring(1, text.length() - 1) : text;
  }

  private static Hosts prefix(String start, String length) {
    byte[] written = NetUtil.createByteArrayFromIpAddressString(withoutBrackets(start));
    if (written == null || !length.matches("\\d{1,3}")) {
      return null;
    }
    int bits = Integer.parseInt(length);
    if (bits > written.length * Byte.SIZE) {
      return null;
    }
    byte[] bytes = unmapped(written);
    int cut = (written.length - bytes.length) * Byte.SIZE;
    return bits < cut ? null : prefix(bytes, bits - cut);
  }

  private static Hosts prefix(byte[] start, int bits) {
    return (name, address) ->
        address != null && address.length == start.length && hasPrefix(address, start, bits);
  }

  private static boolean hasPrefix(byte[] address, byte[] start, int bits) {
    int whole = bits / Byte.SIZE;
    int rest = Byte.SIZE - bits % Byte.SIZE;
    return Arrays.equals(address, 0, whole, start, 0, whole)
        && (rest == Byte.SIZE || (address[whole] ^ start[whole]) >>> rest == 0);
  }

  /** Returns the bytes of an address, or null for a name. */
  private static byte[] address(String text) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    return bytes == null ? null : unmapped(bytes);
  }

  /** Returns the IPv4 address if an IPv6 address stands for one (RFC 4291, section 2.5.5.2). */
  private static byte[] unmapped(byte[] bytes) {
    boolean mapped = bytes.length == IPV6_BYTES && bytes[10] == -1 && bytes[11] == -1;
    for (int i = 0; mapped && i < MAPPED_OFFSET - 2; i++) {
      mapped = bytes[i] == 0;
    }
    return mapped ? Arrays.copyOfRange(bytes, MAPPED_OFFSET, MAPPED_OFFSET + IPV4_BYTES) : bytes;
  }

  private static String withoutDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
