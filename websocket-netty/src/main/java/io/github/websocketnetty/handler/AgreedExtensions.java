package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The extensions that a connection uses, in the order of the server's response. Immutable.
 *
 * <p>Our handshake handlers make it out of what was negotiated. Others make it for a {@link
 * WebSocketPipeline} whose opening handshake they conduct themselves.
 */
public final class AgreedExtensions {
  private static final AgreedExtensions NONE = new AgreedExtensions(List.of());

  private final List<Agreed> all;

  /** One of them; {@code deflate} is null for any but ours, {@code handlers} is null for ours. */
  private record Agreed(
      String name,
      Extension extension,
      int rsv,
      ExtensionHandlerFactory handlers,
      DeflateAgreement deflate) {}

  private AgreedExtensions(List<Agreed> all) {
    this.all = all;
  }

  /** Returns an object that says that there is no extension. */
  public static AgreedExtensions none() {
    return NONE;
  }

  /**
   * Returns these extensions and, as the last one, permessage-deflate.
   *
   * @param agreement what was negotiated; null adds nothing
   * @throws IllegalStateException if another extension claims RSV1
   */
  public AgreedExtensions and(DeflateAgreement agreement) {
    return agreement == null
        ? this
        : with(new Agreed("permessage-deflate", null, MessageInflater.RSV1, null, agreement));
  }

  /**
   * Returns these extensions and, as the last one, another.
   *
   * @param agreed as it stands in the response
   * @param rsv the reserved bits that it claims, RSV1 being 4, RSV2 being 2 and RSV3 being 1
   * @param handlers makes its handler
   * @throws IllegalArgumentException if {@code rsv} is not between 0 and 7
   * @throws IllegalStateException if another extension claims one of the bits
   */
  public AgreedExtensions and(Extension agreed, int rsv, ExtensionHandlerFactory handlers) {
    Objects.requireNonNull(agreed, "agreed");
    KnownExtensions.checkBits(agreed.name(), rsv);
    Objects.requireNonNull(handlers, "handlers");
    return with(new Agreed(agreed.name(), agreed, rsv, handlers, null));
  }

  private AgreedExtensions with(Agreed last) {
    for (Agreed each : all) {
      if ((each.rsv() & last.rsv()) != 0) {
        throw new IllegalStateException(
            "extensions " + each.name() + " and " + last.name() + " claim the same reserved bit");
      }
    }
    List<Agreed> more = new ArrayList<>(all);
    more.add(last);
    return new AgreedExtensions(more);
  }

  /** Returns whether no handler has to be installed. */
  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Returns whether there are others than permessage-deflate. */
  boolean includeOthers() {
    for (Agreed each : all) {
      if (each.deflate() == null) {
        return true;
      }
    }
    return false;
  }

  /** Makes the codec for these extensions. */
  WebSocketFrameCodec newCodec(Side side, FrameLimits limits, boolean validatesText) {
    FrameLimits wire = limits;
    int deflateBit = 0;
    int otherBits = 0;
    for (Agreed each : all) {
      wire = grown(wire, each);
      if (each.deflate() != null) {
        deflateBit = each.rsv();
      } else {
        otherBits |= each.rsv();
      }
    }
    boolean others = includeOthers();
    WebSocketFrameCodec codec =
        new WebSocketFrameCodec(side, wire, validatesText && !others, deflateBit);
    if (others) {
      codec.allowExtensions(otherBits);
    }
    return codec;
  }

  /** Installs the handlers behind the codec: the first extension is the last to receive. */
  void install(
      ChannelPipeline pipeline,
      String codecName,
      Side side,
      FrameLimits limits,
      boolean validatesText) {
    boolean others = includeOthers();
    if (others) {
      pipeline.addAfter(codecName, null, new ExtensionCheckHandler(limits, validatesText));
    }
    FrameLimits restored = limits;
    for (Agreed each : all) {
      if (each.deflate() != null) {
        WebSocketDeflateHandler deflating =
            new WebSocketDeflateHandler(each.deflate(), restored, validatesText && !others);
        if (others) {
          deflating.keepFrames();
        }
        String name = WebSocketPipeline.free(pipeline, WebSocketPipeline.DEFLATE_NAME);
        pipeline.addAfter(codecName, name, deflating);
      } else {
        pipeline.addAfter(codecName, null, newHandler(each, side));
      }
      restored = grown(restored, each);
    }
  }

  private static ChannelHandler newHandler(Agreed agreed, Side side) {
    ChannelHandler handler = agreed.handlers().newHandler(side, agreed.extension());
    return Objects.requireNonNull(handler, () -> "handler of extension " + agreed.name());
  }

  private static FrameLimits grown(FrameLimits limits, Agreed agreed) {
    return agreed.deflate() != null ? limits.deflated() : agreed.handlers().wireLimits(limits);
  }

  /** Returns what the response lists. */
  @Override
  public String toString() {
    return all.stream().map(Agreed::name).toList().toString();
  }
}
