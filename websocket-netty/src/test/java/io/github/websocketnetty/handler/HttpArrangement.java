package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;

/** The HTTP handlers that people have in front of a handshake handler. */
enum HttpArrangement {
  CODEC,
  CODEC_AND_AGGREGATOR,
  SEPARATE,
  SEPARATE_AND_AGGREGATOR,
  CODEC_AND_MUCH_MORE;

  ChannelHandler[] server() {
    return switch (this) {
      case CODEC -> handlers(new HttpServerCodec());
      case CODEC_AND_AGGREGATOR -> handlers(new HttpServerCodec(), new HttpObjectAggregator(8192));
      case SEPARATE -> handlers(new HttpRequestDecoder(), new HttpResponseEncoder());
      case SEPARATE_AND_AGGREGATOR ->
          handlers(
              new HttpRequestDecoder(), new HttpResponseEncoder(), new HttpObjectAggregator(8192));
      case CODEC_AND_MUCH_MORE ->
          handlers(
              new HttpServerCodec(),
              new HttpServerKeepAliveHandler(),
              new HttpServerExpectContinueHandler(),
              new HttpContentCompressor(),
              new HttpContentDecompressor(1 << 20),
              new HttpObjectAggregator(8192));
    };
  }

  ChannelHandler[] client() {
    return switch (this) {
      case CODEC -> handlers(new HttpClientCodec());
      case CODEC_AND_AGGREGATOR -> handlers(new HttpClientCodec(), new HttpObjectAggregator(8192));
      case SEPARATE -> handlers(new HttpResponseDecoder(), new HttpRequestEncoder());
      case SEPARATE_AND_AGGREGATOR ->
          handlers(
              new HttpResponseDecoder(), new HttpRequestEncoder(), new HttpObjectAggregator(8192));
      case CODEC_AND_MUCH_MORE ->
          handlers(
              new HttpClientCodec(),
              new HttpContentDecompressor(1 << 20),
              new HttpObjectAggregator(8192));
    };
  }

  /** Returns a channel that is active and whose time stands still. */
  static EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    return channel;
  }

  private static ChannelHandler[] handlers(ChannelHandler... handlers) {
    return handlers;
  }
}
