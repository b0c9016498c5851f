package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;

/**
 * What all connections of a run share: the message, and the figures. Lives on one event loop.
 *
 * <p>The phases: {@link #begin}, {@link #beginMeasuring}, {@link #endMeasuring}, and then echoes
 * come in until nothing is {@link #inFlight}.
 */
final class EchoRun {
  /** Of so many echoes of a connection, one is compared byte by byte. */
  private static final int COMPARED = 16;

  private final EchoPlan plan;
  private final ByteBuf payload;
  private final Latencies latencies = new Latencies();
  private boolean sending;
  private boolean measuring;
  private boolean over;
  private long inFlight;
  private long messages;
  private long errors;
  private String firstError;
  private long started;
  private double seconds;
  private CpuTime cpuBefore;
  private CpuTime cpu;

  EchoRun(EchoPlan plan) {
    this.plan = plan;
    payload = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(plan.kind().bytes(plan.size())));
  }

  int depth() {
    return plan.depth();
  }

  void begin() {
    sending = true;
  }

  boolean isSending() {
    return sending;
  }

  void beginMeasuring() {
    latencies.clear();
    messages = 0;
    measuring = true;
    cpuBefore = serverCpu();
    started = System.nanoTime();
  }

  void endMeasuring() {
    seconds = (System.nanoTime() - started) / 1e9;
    CpuTime after = serverCpu();
    cpu = after == null || cpuBefore == null ? null : after.minus(cpuBefore);
    measuring = false;
    sending = false;
  }

  /** From here on, connections may end. */
  void end() {
    over = true;
    if (inFlight > 0) {
      errors(inFlight, inFlight + " echoes did not come back");
    }
  }

  boolean isOver() {
    return over;
  }

  long inFlight() {
    return inFlight;
  }

  /** Returns the next message to send. */
  WebSocketFrame next() {
    inFlight++;
    return plan.kind().frame(payload.duplicate());
  }

  /** Counts and checks an echo, which was sent at {@code sentAt}. */
  void received(WebSocketFrame echo, long count, long sentAt, long now) {
    inFlight--;
    if (measuring) {
      messages++;
      latencies.add(now - sentAt);
    }
    ByteBuf content = echo.content();
    if (!plan.kind().matches(echo)) {
      error("echo is a " + echo.getClass().getSimpleName());
    } else if (content.readableBytes() != plan.size()) {
      error("echo has " + content.readableBytes() + " bytes, not " + plan.size());
    } else if (count % COMPARED == 0 && !content.equals(payload)) {
      error("echo has another content");
    }
  }

  void error(String what) {
    errors(1, what);
  }

  private void errors(long count, String what) {
    errors += count;
    if (firstError == null) {
      firstError = what;
    }
  }

  private CpuTime serverCpu() {
    if (plan.serverPid() == 0) {
      return null;
    }
    try {
      return CpuTime.of(plan.serverPid());
    } catch (IOException e) {
      error("cannot read the server's processor time: " + e);
      return null;
    }
  }

  EchoResult result() {
    boolean knowsCpu = cpu != null && messages > 0;
    return new EchoResult(
        seconds,
        messages,
        seconds == 0 ? 0 : messages / seconds,
        latencies.micros(0.5),
        latencies.micros(0.99),
        knowsCpu ? cpu.total() * 1e6 / messages : null,
        knowsCpu && cpu.total() > 0 ? cpu.kernel() / cpu.total() : null,
        errors,
        firstError);
  }
}
