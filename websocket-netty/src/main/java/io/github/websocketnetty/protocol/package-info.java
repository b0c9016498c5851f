/**
 * The rules of RFC 6455 without I/O: buffers, headers and timestamps go in; frames, answers and
 * steps to perform come out.
 *
 * <p>Nothing in this package knows a channel, a thread or a clock, so every class can be tested,
 * fuzzed and measured with plain calls. No class is thread-safe unless it says so: whoever owns the
 * connection's event loop owns these objects.
 *
 * <p>The package is public for embedders and may change before version 1.0.
 */
package io.github.websocketnetty.protocol;
