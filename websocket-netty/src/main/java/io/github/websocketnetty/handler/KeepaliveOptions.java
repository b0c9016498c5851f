package io.github.websocketnetty.handler;

import java.time.Duration;

/**
 * How pings and pongs are dealt with; one instance for all connections of a pipeline's description.
 *
 * @param pingInterval the time between two automatic pings, zero for none
 * @param pingTimeout how long the peer may stay silent after one, zero for any time
 * @param handlePingFrames whether pings are answered, and not passed on
 * @param dropPongFrames whether pongs are not passed on
 */
record KeepaliveOptions(
    Duration pingInterval,
    Duration pingTimeout,
    boolean handlePingFrames,
    boolean dropPongFrames) {}
