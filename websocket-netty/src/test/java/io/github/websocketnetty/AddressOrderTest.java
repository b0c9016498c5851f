package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.local.LocalAddress;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8305, section 4. */
class AddressOrderTest {
  @ParameterizedTest
  @CsvSource({
    "1.1.1.1, 1.1.1.1",
    "1.1.1.1 1.1.1.2, 1.1.1.1 1.1.1.2",
    "1.1.1.1 1.1.1.2 ::1 ::2, 1.1.1.1 ::1 1.1.1.2 ::2",
    "::1 ::2 ::3 1.1.1.1, ::1 1.1.1.1 ::2 ::3",
    "1.1.1.1 ::1 ::2 ::3, 1.1.1.1 ::1 ::2 ::3",
    "::1 1.1.1.1 1.1.1.2 ::2, ::1 1.1.1.1 ::2 1.1.1.2",
    "1.1.1.1 1.1.1.1 ::1 1.1.1.1, 1.1.1.1 ::1",
  })
  void familiesAlternateFromTheFirstOn(String found, String expected) {
    List<InetSocketAddress> addresses =
        Arrays.stream(found.split(" "))
            .map(
                text ->
                    new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(text), 1))
            .toList();
    assertEquals(
        expected,
        AddressOrder.alternating(addresses).stream()
            .map(address -> NetUtil.toAddressString(((InetSocketAddress) address).getAddress()))
            .collect(Collectors.joining(" ")));
  }

  @Test
  void addressesOfOtherKindsStayInTheirOrder() {
    List<LocalAddress> addresses = List.of(new LocalAddress("b"), new LocalAddress("a"));
    assertEquals(addresses, AddressOrder.alternating(addresses));
  }
}
