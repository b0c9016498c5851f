package io.github.websocketnetty.examples;

import io.github.websocketnetty.WebSocketServer;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The chat as a program: runs until it gets SIGTERM or SIGINT. */
@Command(
    name = "chat",
    description = "Serves a page on which people write to each other; open it in browsers.",
    showDefaultValues = true,
    sortOptions = false)
final class ChatCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ListenOptions listen;

  ChatCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    WebSocketServer server = Programs.listening(listen, Chat.start(listen.address()));
    Programs.closeOnSignal(server);
    spec.commandLine().getOut().println("open http://" + listen.place(server.port()) + "/");
    server.waitClosed().get();
    return 0;
  }
}
