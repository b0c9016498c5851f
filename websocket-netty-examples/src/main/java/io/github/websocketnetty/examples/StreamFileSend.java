package io.github.websocketnetty.examples;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketException;
import io.github.websocketnetty.protocol.ShownUri;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The half that has the file. */
@Command(name = "send", description = "Sends a file to where 'stream-file receive' listens.")
final class StreamFileSend implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The file to send.")
  private Path file;

  @Parameters(paramLabel = "URI", description = "Where to send it: ws://… or wss://…")
  private URI uri;

  StreamFileSend() {}

  @Override
  public Integer call() throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException("cannot read the file " + file);
    }
    long size = Files.size(file);
    ProgressBar progress =
        new ProgressBar(spec.commandLine().getOut(), TerminalClient.isTerminal(), size);
    WebSocketClient client = WebSocketClient.builder().options(StreamFile.anySize()).build();
    try (BlockingConnection ws = client.connect(uri).join().blocking()) {
      ws.send(Long.toString(size));
      send(ws, progress);
      String arrived = ws.recvText();
      if (!arrived.equals(Long.toString(progress.done()))) {
        throw new IOException(progress.done() + " bytes were sent, " + arrived + " arrived");
      }
      progress.finish();
      return 0;
    } catch (CompletionException e) {
      throw new IOException(
          "cannot connect to "
              + ShownUri.of(uri.toString())
              + ": "
              + Programs.explain(e.getCause()),
          e);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "cannot connect to " + ShownUri.of(uri.toString()) + ": " + e.getMessage(), e);
    } catch (WebSocketException e) {
      throw new IOException("transfer failed: " + e.getMessage(), e);
    } finally {
      client.close().join();
    }
  }

  private void send(BlockingConnection ws, ProgressBar progress) throws IOException {
    byte[] chunk = new byte[StreamFile.CHUNK];
    try (InputStream input = Files.newInputStream(file);
        // Not compressed: large files mostly are already, and zlib is slower than most networks.
        BlockingConnection.Writer message = ws.sendStreaming(MessageType.BINARY, false)) {
      // The first fragment is empty, because a message without any would not be sent.
      for (int n = 0; n >= 0; n = input.read(chunk)) {
        message.write(chunk, 0, n); // waits while the receiver is slow
        progress.add(n);
      }
      message.finish();
    }
  }
}
