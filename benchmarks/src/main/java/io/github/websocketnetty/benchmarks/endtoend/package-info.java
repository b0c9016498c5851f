/**
 * Echo servers of this library and of its peers, a load generator, and the program that measures
 * the ones with the other.
 */
package io.github.websocketnetty.benchmarks.endtoend;
