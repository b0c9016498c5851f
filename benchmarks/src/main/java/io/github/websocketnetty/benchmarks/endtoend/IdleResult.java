package io.github.websocketnetty.benchmarks.endtoend;

/**
 * What idle connections cost a server.
 *
 * @param connections how many were opened
 * @param left how many of them were still there after the measurement
 * @param heapBytes live heap of each, after a full collection
 * @param residentBytes resident memory of each, after a full collection
 */
record IdleResult(int connections, int left, double heapBytes, double residentBytes) {}
