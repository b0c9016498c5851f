package io.github.websocketnetty;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;

/** In which order the addresses of a host are tried. */
final class AddressOrder {
  private AddressOrder() {}

  /**
   * Returns the addresses so that IPv6 and IPv4 alternate, beginning with the first of the list;
   * those of one family stay in their order. So a network without one of the two costs one attempt
   * and not one for each of its addresses.
   *
   * @param found what a resolver returned, which has sorted it already
   * @see <a href="https://www.rfc-editor.org/rfc/rfc8305#section-4">RFC 8305, section 4</a>
   */
  static List<SocketAddress> alternating(List<? extends SocketAddress> found) {
    Queue<SocketAddress> preferred = new ArrayDeque<>();
    Queue<SocketAddress> other = new ArrayDeque<>();
    for (SocketAddress address : new LinkedHashSet<>(found)) {
      (isIpv6(address) == isIpv6(found.get(0)) ? preferred : other).add(address);
    }
    List<SocketAddress> order = new ArrayList<>(found.size());
    while (!preferred.isEmpty() || !other.isEmpty()) {
      move(preferred, order);
      move(other, order);
    }
    return order;
  }

  private static void move(Queue<SocketAddress> from, List<SocketAddress> to) {
    if (!from.isEmpty()) {
      to.add(from.remove());
    }
  }

  private static boolean isIpv6(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        && internet.getAddress() instanceof Inet6Address;
  }
}
