package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.examples.support.CommandRun;
import io.github.websocketnetty.examples.support.LeakFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file from one command to the other. */
@Timeout(60)
@ExtendWith(LeakFailure.class)
class StreamFileTest {
  @TempDir Path folder;

  private Path target;
  private String uri;
  private CompletableFuture<CommandRun> receiver;

  @BeforeEach
  void receive() throws Exception {
    target = folder.resolve("target");
    int port;
    try (ServerSocket free = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    uri = "ws://127.0.0.1:" + port + "/";
    receiver =
        CompletableFuture.supplyAsync(
            () -> run("receive", target.toString(), "--port", Integer.toString(port)));
    awaitServer();
  }

  /** Until somebody listens, connections are refused. */
  private void awaitServer() throws Exception {
    WebSocketClient client = WebSocketClient.create();
    BlockingConnection probe = null;
    while (probe == null) {
      try {
        probe = client.connect(URI.create(uri)).join().blocking();
      } catch (CompletionException notYet) {
        assertFalse(receiver.isDone());
        Thread.onSpinWait();
      }
    }
    probe.send("10");
    try (BlockingConnection.Writer part = probe.sendStreaming(MessageType.BINARY)) {
      part.write(new byte[5], 0, 5);
    } // which is not finished
    probe.waitClosed();
    client.close().get(10, TimeUnit.SECONDS);
  }

  private static CommandRun run(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "stream-file";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return CommandRun.of(Main.commandLine(), all);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 5_000_000})
  void fileArrivesWholeOrNotAtAll(int size) throws Exception {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Path source = Files.write(folder.resolve("source"), content);
    CommandRun sender = run("send", source.toString(), uri);
    while (sender.status() != 0 && sender.err().contains("somebody else")) {
      sender = run("send", source.toString(), uri); // the part from before is still being cleared
    }
    assertEquals("", sender.err());
    assertTrue(sender.out().contains("] 100 %"), sender.out());
    CommandRun received = receiver.get(30, TimeUnit.SECONDS);
    assertEquals(0, received.status());
    assertTrue(received.out().contains("] 100 %"), received.out());
    assertEquals(-1, Files.mismatch(source, target));
    assertFalse(Files.exists(folder.resolve("target.part")));
    assertEquals(1, run("receive", target.toString(), "--port", "0").status());
    assertEquals(1, run("send", source.toString(), uri).status());
    assertEquals(1, run("send", folder.resolve("nothing").toString(), uri).status());
  }

  @Test
  void progressIsShownOnOneLine() throws IOException {
    StringWriter shown = new StringWriter();
    ProgressBar progress = new ProgressBar(new PrintWriter(shown), true, 3 << 20);
    progress.add(3 << 19);
    progress.finish();
    assertTrue(
        shown.toString().startsWith("\r[###############               ]  50 %  1.5 of 3.0 MiB  "),
        shown.toString());
    Files.write(folder.resolve("source"), new byte[1]);
    run("send", folder.resolve("source").toString(), uri);
    receiver.join();
  }
}
