package io.github.websocketnetty.examples;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.protocol.CloseCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The half that wants the file. */
@Command(
    name = "receive",
    description = "Waits for 'stream-file send', receives one file, and ends.",
    showDefaultValues = true)
final class StreamFileReceive implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "Where to write it; must not exist.")
  private Path file;

  @Mixin private ListenOptions listen;

  private final AtomicBoolean busy = new AtomicBoolean();
  private final CompletableFuture<Void> received = new CompletableFuture<>();

  StreamFileReceive() {}

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file + " exists already");
    }
    if (!Files.isDirectory(file.toAbsolutePath().getParent())) {
      throw new IOException("there is no folder for " + file);
    }
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      WebSocketServer server =
          Programs.listening(
              listen,
              WebSocketServer.builder()
                  .options(StreamFile.anySize())
                  .threads(1)
                  .route("/", Endpoint.blocking(threads, this::serve))
                  .bind(listen.address()));
      Programs.closeOnSignal(server);
      spec.commandLine().getOut().println("listening on ws://" + listen.place(server.port()) + "/");
      received.thenRun(server::stopListening); // and when the connection is closed it ends
      server.waitClosed().get();
      return 0;
    } finally {
      threads.shutdown();
    }
  }

  private void serve(BlockingConnection ws) throws IOException {
    if (!busy.compareAndSet(false, true)) {
      ws.close(CloseCode.TRY_AGAIN_LATER, "somebody else is sending");
      return;
    }
    try {
      long size = Long.parseLong(ws.recvText());
      ProgressBar progress =
          new ProgressBar(spec.commandLine().getOut(), TerminalClient.isTerminal(), size);
      receive(ws, progress);
      ws.send(Long.toString(progress.done()));
      progress.finish();
      received.complete(null);
    } finally {
      busy.set(false);
    }
  }

  /** Nobody shall take a part for the whole: it gets its name when it is complete. */
  private void receive(BlockingConnection ws, ProgressBar progress) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      byte[] chunk = new byte[StreamFile.CHUNK];
      try (BlockingConnection.Reader message = ws.recvStreaming();
          InputStream body = message.asInputStream();
          OutputStream output = Files.newOutputStream(part)) {
        for (int n; (n = body.read(chunk)) > 0; ) {
          output.write(chunk, 0, n);
          progress.add(n);
        }
      }
      Files.move(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
