package io.github.websocketnetty.protocol;

import io.netty.util.concurrent.FastThreadLocal;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the keys that a client masks its frames with: unpredictable, also from all earlier ones,
 * and at the cost of an ordinary random number. Not thread-safe: one per thread, from {@link
 * #ofThread}.
 *
 * <p>The keys are the key stream of AES-128 in counter mode, made 4 KiB at a time from a {@link
 * SecureRandom} seed. After every 64 KiB the stream chooses its own next cipher key, so what is in
 * memory never tells earlier masks. Where the JDK offers no AES the keys come from the {@code
 * SecureRandom} itself, also 4 KiB at a time.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-10.3">RFC 6455, section 10.3</a>
 */
public final class MaskKeys {
  private static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS_PER_CIPHER_KEY = 16;
  private static final int CIPHER_KEY_BYTES = 16;
  private static final int SEED_BYTES = 2 * CIPHER_KEY_BYTES;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final byte[] ZEROS = new byte[BLOCK_BYTES];
  private static final FastThreadLocal<MaskKeys> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected MaskKeys initialValue() {
          return new MaskKeys();
        }
      };

  private final SecureRandom random = new SecureRandom();
  private final byte[] block = new byte[BLOCK_BYTES];
  private int next = BLOCK_BYTES;
  private int blocksLeft = BLOCKS_PER_CIPHER_KEY;

  /** Null if there is none to be had. */
  private Cipher cipher;

  /** Creates a generator with a seed of its own. */
  public MaskKeys() {
    this("AES/CTR/NoPadding");
  }

  MaskKeys(String transformation) {
    random.nextBytes(block);
    try {
      cipher = Cipher.getInstance(transformation);
      seedFromBlock();
    } catch (GeneralSecurityException | ProviderException e) {
      cipher = null;
    }
  }

  /** Returns the generator of the calling thread, which must not hand it to another one. */
  public static MaskKeys ofThread() {
    return OF_THREAD.get();
  }

  /** Returns the next key, which may be any number, zero included. */
  public int next() {
    if (next == BLOCK_BYTES) {
      refill();
    }
    int key = (int) INTS.get(block, next);
    next += Integer.BYTES;
    return key;
  }

  /** For tests: changes with each cipher key. */
  byte[] initialVector() {
    return cipher.getIV();
  }

  private void refill() {
    next = 0;
    try {
      if (cipher != null && encrypt()) {
        return;
      }
    } catch (GeneralSecurityException | ProviderException e) {
      // A provider that fails half-way is as good as none.
    }
    cipher = null;
    random.nextBytes(block);
  }

  /** Fills the block; returns whether the provider did so completely. */
  private boolean encrypt() throws GeneralSecurityException {
    if (cipher.update(ZEROS, 0, BLOCK_BYTES, block, 0) != BLOCK_BYTES) {
      return false;
    }
    if (--blocksLeft == 0) {
      seedFromBlock();
      next = SEED_BYTES;
    }
    return true;
  }

  private void seedFromBlock() throws GeneralSecurityException {
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(block, 0, CIPHER_KEY_BYTES, "AES"),
        new IvParameterSpec(block, CIPHER_KEY_BYTES, CIPHER_KEY_BYTES));
    blocksLeft = BLOCKS_PER_CIPHER_KEY;
    Arrays.fill(block, 0, SEED_BYTES, (byte) 0);
  }
}
