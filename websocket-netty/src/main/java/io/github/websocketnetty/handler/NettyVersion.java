package io.github.websocketnetty.handler;

import io.netty.util.Version;
import io.netty.util.concurrent.ImmediateEventExecutor;

/**
 * The versions of Netty that this library runs on: {@link #LOWEST} and later versions of 4.2. The
 * entry points of the library check it, so that an older Netty on the class path is told in one
 * sentence. Thread-safe.
 */
public final class NettyVersion {
  /** The lowest version of Netty that has what this library needs. */
  public static final String LOWEST = "4.2.1";

  private static final String PROBLEM = problem();

  private NettyVersion() {}

  /**
   * Checks the Netty on the class path.
   *
   * @throws IllegalStateException if it is older than {@link #LOWEST}; the message tells which
   *     version was found
   */
  public static void check() {
    if (PROBLEM != null) {
      throw new IllegalStateException(PROBLEM);
    }
  }

  private static String problem() {
    try {
      // A number would be missing in jars that were merged into one.
      ImmediateEventExecutor.INSTANCE.ticker();
      return null;
    } catch (LinkageError old) {
      Version found = Version.identify().get("netty-common");
      return "websocket-netty needs Netty "
          + LOWEST
          + " or a later 4.2, but the class path has Netty "
          + (found == null ? "of an older, unknown version" : found.artifactVersion())
          + ": update the netty dependencies, with netty-bom";
    }
  }
}
