package io.github.websocketnetty.conversation;

import static io.github.websocketnetty.MessageType.BINARY;
import static io.github.websocketnetty.MessageType.TEXT;

import io.github.websocketnetty.BinaryMessage;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.TextMessage;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Ways to send: {@code a} is the length of the message or fragment, {@code b} its kind. */
enum Sends implements Act {
  /** A string. */
  STRING(true) {
    @Override
    public void run(Party party, int length, int kind) {
      String text = party.talk.content().text(length, kind);
      party.outbox.whole(TEXT, Content.utf8(text), () -> party.connection.send(text));
    }
  },
  /** An array. */
  ARRAY(true) {
    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = bytes(party, length, kind);
      party.outbox.whole(BINARY, data, () -> party.connection.send(data));
    }
  },
  /** A buffer of the JDK. */
  NIO(true) {
    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = bytes(party, length, kind);
      party.outbox.whole(BINARY, data, () -> party.connection.send(ByteBuffer.wrap(data)));
    }
  },
  /** A buffer that is handed over. */
  BUFFER(true) {
    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = bytes(party, length, kind);
      ByteBuf buffer = party.talk.alloc().buffer(data.length).writeBytes(data);
      MessageType type = kind == 1 ? TEXT : BINARY;
      party.outbox.whole(
          type,
          data,
          () -> kind == 1 ? party.connection.sendText(buffer) : party.connection.send(buffer));
    }
  },
  /** A message, compressed or not. */
  MESSAGE(true) {
    @Override
    public void run(Party party, int length, int kind) {
      String text = party.talk.content().text(length, kind);
      byte[] data = Content.utf8(text);
      if (length % 2 == 0) {
        party.outbox.whole(
            TEXT, data, () -> party.connection.send(TextMessage.of(text), kind != 1));
      } else {
        party.outbox.whole(BINARY, data, () -> party.connection.send(BinaryMessage.of(data)));
      }
    }
  },
  /** Binary that is no text. */
  NO_TEXT(true) {
    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = bytes(party, length, kind);
      if (data.length > 0) {
        data[data.length - 1] = (byte) 0xff;
      }
      party.outbox.whole(BINARY, data, () -> party.connection.send(data));
    }
  },
  /** Text that is none: the peer must refuse it. */
  BAD_TEXT(false) {
    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = bytes(party, length, kind);
      if (data.length > 0) {
        data[data.length - 1] = (byte) 0xff;
      }
      party.outbox.whole(TEXT, data, () -> party.connection.sendText(data));
    }
  },
  /** So many at once, of a few bytes. */
  BURST(true) {
    @Override
    public void run(Party party, int count, int kind) {
      for (int i = 0; i < count; i++) {
        STRING.run(party, 4 + i % 3, kind);
      }
    }
  },
  /** Opens a writer, in the place of the one that was open. */
  OPEN_TEXT(true) {
    @Override
    public void run(Party party, int a, int b) {
      open(party, TEXT);
    }
  },
  OPEN_BINARY(true) {
    @Override
    public void run(Party party, int a, int b) {
      open(party, BINARY);
    }
  },
  /** Writes a fragment to the open writer, if there is one. */
  WRITE(true) {
    @Override
    public void run(Party party, int length, int kind) {
      if (party.outbox.isWriting()) {
        party.outbox.write(party.talk.content().text(length, kind));
      }
    }
  },
  FINISH(true) {
    @Override
    public void run(Party party, int a, int b) {
      if (party.outbox.isWriting()) {
        party.outbox.finish();
      }
    }
  },
  ABORT(false) {
    @Override
    public void run(Party party, int a, int b) {
      if (party.outbox.isWriting()) {
        party.outbox.abort();
      }
    }
  },
  /** Cancels a send, {@code a} before the last. */
  CANCEL_SEND(false) {
    @Override
    public void run(Party party, int back, int b) {
      party.outbox.cancel(back);
    }
  };

  private final boolean isTame;

  Sends(boolean isTame) {
    this.isTame = isTame;
  }

  @Override
  public boolean isTame() {
    return isTame;
  }

  private static byte[] bytes(Party party, int length, int kind) {
    return Content.utf8(party.talk.content().text(length, kind));
  }

  private static void open(Party party, MessageType type) {
    while (party.outbox.isWriting()) {
      party.outbox.finish(); // which may make others open one
    }
    party.outbox.open(type, party.connection.sendStreaming(type));
  }
}
