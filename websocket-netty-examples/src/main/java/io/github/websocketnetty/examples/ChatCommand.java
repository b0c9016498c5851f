package io.github.websocketnetty.examples;

import io.github.websocketnetty.WebSocketServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The chat as a program: runs until it gets SIGTERM or SIGINT. */
@Command(
    name = "chat",
    description = "Serves a page on which people write to each other; open it in browsers.",
    showDefaultValues = true,
    sortOptions = false)
final class ChatCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8080",
      description = "The port to listen on; 0 takes a free one.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "The address to listen on; 0.0.0.0 lets others in.")
  private String host;

  ChatCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if (port < 0 || port > 0xffff) {
      throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    WebSocketServer server = Programs.listening(Chat.start(new InetSocketAddress(host, port)));
    Programs.closeOnSignal(server);
    String name = host.indexOf(':') < 0 ? host : '[' + host + ']';
    spec.commandLine().getOut().println("open http://" + name + ":" + server.port() + "/");
    server.waitClosed().get();
    return 0;
  }
}
