package io.github.websocketnetty.benchmarks.endtoend;

/**
 * What one run of the generator measured.
 *
 * @param seconds how long it measured
 * @param messages the echoes that came back in this time
 * @param messagesPerSecond the same, each second
 * @param p50Micros half of the echoes took no longer
 * @param p99Micros 99 in 100 echoes took no longer
 * @param cpuMicrosPerMessage processor time of the server, or {@code null} if it was not asked for
 * @param kernelShare the part of it that was spent in the kernel, or {@code null}
 * @param errors echoes that were wrong or missing, and connections that failed
 * @param firstError what the first of them was, or {@code null}
 */
record EchoResult(
    double seconds,
    long messages,
    double messagesPerSecond,
    double p50Micros,
    double p99Micros,
    Double cpuMicrosPerMessage,
    Double kernelShare,
    long errors,
    String firstError) {}
