package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** How many messages and bytes may wait to be sent. */
class SendBudgetTest {
  private static final int MESSAGES = 1024;

  private final SendBudget budget = new SendBudget(1000);

  @Test
  void theNumberOfWaitingMessagesGoesDownAgain() {
    for (int i = 0; i < 3 * MESSAGES; i++) {
      assertNull(budget.reserve(0));
      budget.free(0);
    }
  }

  @Test
  void emptyMessagesAreCounted() {
    for (int i = 0; i < MESSAGES; i++) {
      assertNull(budget.reserve(0));
    }
    assertEquals(
        "1024 messages wait to be sent already, more may not", budget.reserve(0).getMessage());
    budget.free(0);
    assertNull(budget.reserve(0));
    assertNotNull(budget.reserve(0));
  }

  @Test
  void aMessageThatIsRefusedTakesNoRoom() {
    assertNull(budget.reserve(900));
    for (int i = 0; i < 3 * MESSAGES; i++) {
      assertNotNull(budget.reserve(101));
    }
    assertNull(budget.reserve(100));
    assertEquals(1000, budget.bytes());
  }

  @Test
  void theBytesAreFreeBeforeTheMessageIs() {
    assertNull(budget.reserve(1000));
    budget.freeBytes(1000);
    assertNull(budget.reserve(1000));
    assertEquals(1000, budget.bytes());
  }
}
