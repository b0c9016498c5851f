package io.github.websocketnetty.conversation;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets two connections talk as a program says, over a wire and a time of our own, and checks what
 * comes of it.
 */
final class Conversation {
  private static final int MANY = 300_000;
  private static final int ENOUGH = 10;

  private final List<String> complaints = new ArrayList<>();
  private final Program program;
  private final VirtualLoop loop = new VirtualLoop(this::thrown);
  private final Content content = new Content();
  private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(true, true);
  private Party client;
  private Party server;
  private LoggedErrors log;
  private Connection closed;
  private boolean isMoving;
  private boolean isWithin;

  Conversation(Program program) {
    this.program = program;
  }

  VirtualLoop loop() {
    return loop;
  }

  Content content() {
    return content;
  }

  UnpooledByteBufAllocator alloc() {
    return alloc;
  }

  Party other(Party party) {
    return party == client ? server : client;
  }

  LoggedErrors log() {
    return log;
  }

  /** Returns a connection that is closed. */
  Connection closed() {
    return closed;
  }

  void complain(String what) {
    if (complaints.size() < ENOUGH) {
      complaints.add(what);
    }
  }

  private void thrown(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    complain("thrown: " + failure + (trace.length > 0 ? " at " + trace[0] : ""));
  }

  /** Runs the program. Returns what is wrong. */
  List<String> run() {
    long before = used(UnpooledByteBufAllocator.DEFAULT);
    try (LoggedErrors listening = new LoggedErrors()) {
      log = listening;
      loop.run(this::talk, false);
      if (!log.unexpected().isEmpty()) {
        complain("logged: " + log.unexpected());
      }
    }
    if (used(alloc) != 0 || used(UnpooledByteBufAllocator.DEFAULT) != before) {
      complain(used(alloc) + " bytes of buffers are left");
    }
    return complaints;
  }

  private static long used(UnpooledByteBufAllocator alloc) {
    return alloc.metric().usedDirectMemory() + alloc.metric().usedHeapMemory();
  }

  private void talk() {
    Pipe toServer = new Pipe(loop, new FrameTap(Side.CLIENT, program.deflate(), this::complain));
    Pipe toClient = new Pipe(loop, new FrameTap(Side.SERVER, program.deflate(), this::complain));
    client = new Party(Side.CLIENT, this, new WireChannel("client", toClient, toServer), program);
    server = new Party(Side.SERVER, this, new WireChannel("server", toServer, toClient), program);
    if (program.steps().stream().anyMatch(step -> step.act() instanceof Broadcasts)) {
      closed = closedConnection();
    }
    program.steps().forEach(this::perform);
    end();
    new Verdict(program, this).check(client, server);
    toServer.tap().end();
    toClient.tap().end();
  }

  private Connection closedConnection() {
    FrameTap tap = new FrameTap(Side.SERVER, 0, this::complain);
    tap.end();
    Pipe nowhere = new Pipe(loop, tap);
    WireChannel channel = new WireChannel("closed", nowhere, nowhere);
    Party party = new Party(Side.SERVER, this, channel, program);
    channel.unsafe().close(channel.voidPromise());
    loop.runTasks();
    return party.connection;
  }

  /** Returns whether something is being completed, maybe within a call of the library. */
  boolean isWithin() {
    return isWithin;
  }

  private void runWithin(Runnable act) {
    boolean before = isWithin;
    isWithin = true;
    try {
      act.run();
    } finally {
      isWithin = before;
    }
  }

  private void perform(Step step) {
    Party party = step.side() == Side.CLIENT ? client : server;
    Runnable act = () -> step.act().run(party, step.a(), step.b());
    if (!step.isContinuation() || party.last == null) {
      loop.run(act, step.isElsewhere());
    } else if (step.isElsewhere()) {
      party.last.whenComplete((value, failure) -> loop.run(act, true));
    } else {
      // In whatever thread completes it.
      party.last.whenComplete((value, failure) -> runWithin(act));
    }
  }

  /** Whatever has happened, it ends: what can arrive does, both close, and time passes. */
  private void end() {
    move();
    List<Party> both = List.of(client, server);
    if (program.isTame()) {
      both.forEach(Party::finishWriting);
    }
    both.forEach(party -> party.inbox.drain());
    pass(program.isTame() ? Tameness.PATIENCE : 1);
    // What has waited for that may have opened another writer.
    while (program.isTame() && both.stream().anyMatch(party -> party.outbox.isWriting())) {
      both.forEach(Party::finishWriting);
      pass(Tameness.PATIENCE);
    }
    Controls.CLOSE.run(client, 0, 0);
    Controls.CLOSE.run(server, 0, 0);
    pass(15_000); // more than any close timeout
    both.forEach(party -> party.channel.in().isHeld = false);
    pass(60_000); // what is left of the application's own timers
  }

  /** Lets so much time pass. Within a completion there is none. */
  void pass(long millis) {
    if (isMoving) {
      return;
    }
    long end = loop.now() + millis * 1_000_000L;
    move();
    for (long next = next(); next <= end; next = next()) {
      loop.advanceTo(Math.max(next, loop.now()));
      move();
    }
    loop.advanceTo(end);
    move();
  }

  private long next() {
    long arrival = Math.min(client.channel.in().nextArrival(), server.channel.in().nextArrival());
    return Math.min(loop.nextTimer(), arrival);
  }

  /** Does all that can be done now. */
  private void move() {
    isMoving = true;
    int moves = 0;
    while (loop.runTasks() | move(client) | move(server)) {
      if (++moves > MANY) {
        throw new IllegalStateException("never rests");
      }
    }
    isMoving = false;
    client.checkBounds();
    server.checkBounds();
  }

  private boolean move(Party party) {
    boolean[] moved = new boolean[1];
    loop.run(() -> moved[0] = party.channel.move(), false);
    return moved[0];
  }
}
