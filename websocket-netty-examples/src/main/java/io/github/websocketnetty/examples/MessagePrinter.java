package io.github.websocketnetty.examples;

import io.github.websocketnetty.Message;
import io.github.websocketnetty.TextMessage;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Prints each message on a line of its own, and on a terminal a prompt behind it. */
final class MessagePrinter implements Consumer<Message> {
  private final PrintWriter out;
  private final boolean interactive;
  private volatile long printed; // written by the event loop only

  MessagePrinter(PrintWriter out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  /** Returns how many messages were printed; from any thread. */
  long printed() {
    return printed;
  }

  /** Asks for a line, if there is somebody to ask; from any thread. */
  void prompt() {
    if (interactive) {
      out.print("> ");
      out.flush();
    }
  }

  @Override
  public void accept(Message message) {
    String text =
        message instanceof TextMessage
            ? message.text()
            : "(binary) " + HexFormat.of().formatHex(message.bytes());
    out.println((interactive ? "\r< " : "< ") + text); // over the prompt
    prompt();
    printed++;
  }
}
