package io.github.websocketnetty.examples.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which a leaked buffer is found. Buffers are in use by several threads
 * here, so a leak shows when the garbage collector finds a buffer that nobody released.
 */
public final class LeakFailure implements BeforeAllCallback, AfterAllCallback {
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
  private static final long PATIENCE_MILLIS = 10_000;

  @Override
  public void beforeAll(ExtensionContext context) {
    assertEquals(ResourceLeakDetector.Level.PARANOID, ResourceLeakDetector.getLevel());
    ByteBufUtil.setLeakListener((type, records) -> LEAKS.add(type + records));
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    // The second time, whatever the first collection has found is surely in the detector's queue.
    awaitCollection();
    awaitCollection();
    // Leaks in that queue are reported when the next buffer is made.
    UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    assertEquals(List.of(), LEAKS);
  }

  private static void awaitCollection() throws InterruptedException {
    ReferenceQueue<Object> collected = new ReferenceQueue<>();
    WeakReference<Object> garbage = new WeakReference<>(new Object(), collected);
    System.gc();
    assertNotNull(collected.remove(PATIENCE_MILLIS), () -> "no garbage collected: " + garbage);
  }
}
