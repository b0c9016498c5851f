/** JMH benchmarks, each beside Netty's own way to do the same. */
package io.github.websocketnetty.benchmarks;
