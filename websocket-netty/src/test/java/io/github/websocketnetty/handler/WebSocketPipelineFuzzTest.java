package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.ReferenceParser;
import io.github.websocketnetty.protocol.ReferenceParser.Reading;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes from a peer to all handlers together: messages, answers and the end of it. */
@ExtendWith(LeakCheck.class)
class WebSocketPipelineFuzzTest {
  private static final List<FrameLimits> LIMITS =
      List.of(FrameLimits.DEFAULT, new FrameLimits(40, 20, 3));

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 3000, WebSocketPipelineFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    Run run = new Run(in);
    int cuts = in.choose(256);
    byte[] bytes = in.rest();
    run.open();
    Reading expected = ReferenceParser.read(bytes, run.side, run.limits, true, 0);
    for (byte[] piece : in.pieces(cuts, bytes)) {
      run.receive(piece);
    }
    run.end();
    run.assertDelivered(expected);
    run.assertAnswered(expected);
  }

  /** One connection, from its first byte to its end. */
  private static final class Run {
    private enum Delivery {
      MESSAGES,
      FRAMES,
      SINK
    }

    private enum End {
      WE_CLOSE,
      PEER_ENDS_TCP,
      SILENCE
    }

    private final Side side;
    private final FrameLimits limits;
    private final Delivery delivery;
    private final boolean autoRead;
    private final End end;
    private final FrameRecorder recorder = new FrameRecorder();
    private final RecordedFrames sink = new RecordedFrames();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private EmbeddedChannel channel;

    Run(FuzzInput in) {
      side = in.flag() ? Side.CLIENT : Side.SERVER;
      limits = in.one(LIMITS);
      delivery = in.one(List.of(Delivery.values()));
      autoRead = !in.flag();
      end = in.one(List.of(End.values()));
    }

    private void open() {
      WebSocketPipeline.Builder builder =
          side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
      WebSocketPipeline pipeline =
          builder
              .maxMessageSize(limits.maxMessageSize())
              .maxFragmentSize(limits.maxFragmentSize())
              .maxFragments(limits.maxFragments())
              .aggregateMessages(delivery == Delivery.MESSAGES)
              .build();
      channel = new EmbeddedChannel();
      channel.freezeTime();
      channel.config().setAutoRead(autoRead);
      pipeline.addLast(channel.pipeline());
      channel.pipeline().addLast(recorder);
      if (delivery == Delivery.SINK) {
        assertTrue(channel.pipeline().get(WebSocketFrameCodec.class).receiveData(sink));
      }
    }

    private void receive(byte[] piece) {
      if (channel.isOpen()) {
        channel.writeInbound(Unpooled.copiedBuffer(piece));
        // One read() for each frame there may be, so that demand holds nothing back.
        for (int i = 0; i < piece.length && !autoRead && channel.isOpen(); i++) {
          channel.read();
        }
        collect();
      }
    }

    private void collect() {
      for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
        sent.writeBytes(ByteBufUtil.getBytes(part));
      }
    }

    private void end() {
      if (channel.isOpen() && end == End.WE_CLOSE) {
        channel.pipeline().close(); // EmbeddedChannel.close() would cancel the timeouts
      } else if (channel.isOpen() && end == End.PEER_ENDS_TCP) {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      }
      channel.read(); // else a silent peer is not to blame
      Fuzzing.passTime(channel); // keepalive and the closing handshake have timeouts
      collect();
      assertFalse(channel.isOpen());
      channel.finishAndReleaseAll();
    }

    private void assertDelivered(Reading expected) {
      List<Frame> data =
          expected.frames().stream().filter(f -> !Opcode.isControl(f.opcode())).toList();
      List<Frame> received = delivery == Delivery.SINK ? sink.frames() : recorder.frames;
      assertEquals(delivery == Delivery.MESSAGES ? joined(data) : data, received);
      assertEquals(List.of(), recorder.errors);
      if (delivery == Delivery.SINK) {
        assertEquals(List.of(), recorder.frames);
      }
    }

    private static List<Frame> joined(List<Frame> frames) {
      List<Frame> messages = new ArrayList<>();
      byte[] payload = {};
      int opcode = 0;
      for (Frame frame : frames) {
        opcode = frame.opcode() == 0 ? opcode : frame.opcode();
        payload = WireFrame.join(payload, frame.payload());
        if (frame.fin()) {
          messages.add(new Frame(true, 0, opcode, payload));
          payload = new byte[0];
        }
      }
      return messages;
    }

    private void assertAnswered(Reading expected) {
      FrameLimits any =
          new FrameLimits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED, Integer.MAX_VALUE);
      Reading answers = ReferenceParser.read(sent.toByteArray(), side.peer(), any, true, 0);
      assertEquals(0, answers.violation());
      assertNull(answers.unfinished());
      assertEquals(payloads(expected, Opcode.PING), payloads(answers, Opcode.PONG));
      assertEquals(1, recorder.ends.size());
      WebSocketClosed closed = recorder.ends.get(0);
      CloseStatus told = answers.closed() ? status(answers) : null;
      assertEquals(told, closed.sent());
      if (expected.violation() != 0) {
        assertEquals(expected.violation(), told.code());
        ProtocolException cause = assertInstanceOf(ProtocolException.class, closed.cause());
        assertEquals(expected.violation(), cause.closeCode());
      } else if (expected.closed()) {
        assertEquals(status(expected), closed.received());
        assertEquals(status(expected), told);
        assertEquals(peerIsSlow(), closed.cause() instanceof TimeoutException);
        assertTrue(peerIsSlow() || closed.cause() == null);
      } else {
        int code = end == End.WE_CLOSE ? 1000 : 1011;
        assertEquals(end == End.PEER_ENDS_TCP ? null : code, told == null ? null : told.code());
        assertNull(closed.received());
      }
    }

    /** The server is to end TCP, which it does only in one of the ways to end. */
    private boolean peerIsSlow() {
      return side == Side.CLIENT && end != End.PEER_ENDS_TCP;
    }

    private static CloseStatus status(Reading reading) {
      byte[] payload = reading.frames().get(reading.frames().size() - 1).payload();
      return CloseStatus.decode(Unpooled.wrappedBuffer(payload));
    }

    private static List<String> payloads(Reading reading, int opcode) {
      return reading.frames().stream()
          .filter(frame -> frame.opcode() == opcode)
          .map(frame -> ByteBufUtil.hexDump(frame.payload()))
          .toList();
    }
  }
}
