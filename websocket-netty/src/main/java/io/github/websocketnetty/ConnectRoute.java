package io.github.websocketnetty;

import io.github.websocketnetty.ConnectRace.Failure;
import io.netty.util.NetUtil;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Where one attempt to connect goes.
 *
 * @param proxy the address of the proxy, null without one
 * @param target the address of the server, or its name for the proxy
 */
record ConnectRoute(SocketAddress proxy, SocketAddress target) {
  /** How many failures a message has; the others are suppressed exceptions only. */
  private static final int MAX_TOLD = 8;

  /**
   * Returns the one failure, or one that has all of them, in their order, as suppressed exceptions.
   *
   * @param server for the message
   * @param explained makes the exception for the user
   */
  static Throwable failure(
      String server, List<Failure<ConnectRoute>> failures, UnaryOperator<Throwable> explained) {
    if (failures.size() == 1) {
      return explained.apply(failures.get(0).cause());
    }
    String each =
        failures.stream()
            .limit(MAX_TOLD)
            .map(failure -> failure.route() + " (" + reason(explained.apply(failure.cause())) + ")")
            .collect(Collectors.joining(", "));
    String more = failures.size() > MAX_TOLD ? " and more" : "";
    Throwable all =
        new ConnectException(
            "could not connect to "
                + server
                + " by any of "
                + failures.size()
                + " addresses: "
                + each
                + more);
    failures.forEach(failure -> all.addSuppressed(explained.apply(failure.cause())));
    return all;
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  static String text(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        ? NetUtil.toSocketAddressString(internet)
        : address.toString();
  }

  @Override
  public String toString() {
    return proxy == null ? text(target) : text(target) + " through " + text(proxy);
  }
}
