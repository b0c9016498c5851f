package io.github.websocketnetty;

/** What tests of other packages may see of a connection: how much it holds. */
public final class ConnectionInsides {
  private ConnectionInsides() {}

  /** Returns the received frames that wait for the application. */
  public static int queuedFrames(Connection connection) {
    return ((ChannelConnection) connection).queue().frames();
  }

  /** Returns their payload bytes. */
  public static long queuedBytes(Connection connection) {
    return ((ChannelConnection) connection).queue().bytes();
  }

  /** Returns how many received frames were dropped while closing. */
  public static int droppedFrames(Connection connection) {
    return ((ChannelConnection) connection).queue().dropped();
  }

  /** Returns whether nothing more will be written, so that nothing may wait for that. */
  public static boolean hasStopped(Connection connection) {
    return ((ChannelConnection) connection).gate().hasStopped();
  }

  /** Returns the payload bytes that were accepted and not written. */
  public static long pendingSendBytes(Connection connection) {
    return ((ChannelConnection) connection).gate().pendingBytes();
  }
}
