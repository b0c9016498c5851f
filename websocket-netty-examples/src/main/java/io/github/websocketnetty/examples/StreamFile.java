package io.github.websocketnetty.examples;

import io.github.websocketnetty.ConnectionOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Moves a file of any size in constant memory. First its size, as a text; then the file, as one
 * binary message in fragments; then, from the other side, how much of it arrived.
 */
@Command(
    name = "stream-file",
    description = "Sends or receives a file of any size in constant memory.",
    subcommands = {StreamFileSend.class, StreamFileReceive.class})
final class StreamFile implements Runnable {
  static final int CHUNK = 64 << 10;

  @Spec private CommandSpec spec;

  StreamFile() {}

  /** Whatever the size: what is in memory is bounded by other options. */
  static ConnectionOptions anySize() {
    return ConnectionOptions.builder().maxMessageSize(Long.MAX_VALUE).build();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
