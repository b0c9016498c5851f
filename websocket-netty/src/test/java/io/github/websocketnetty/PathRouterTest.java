package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SRV-33: which endpoint a path has, and with which parameters. */
class PathRouterTest {
  private static final String[] TEMPLATES = {
    "/",
    "/echo",
    "/grüße",
    "/rooms/{room}",
    "/rooms/lobby",
    "/rooms/{room}/users/{user}",
    "/rooms/",
    "/files/{path...}",
    "/files/{name}/raw",
    "/{any}/raw",
  };

  private final Map<RoutedEndpoint, String> names = new HashMap<>();
  private final PathRouter router = router();

  private PathRouter router() {
    SortedMap<PathTemplate, RoutedEndpoint> routes = new TreeMap<>();
    for (String template : TEMPLATES) {
      RoutedEndpoint endpoint = (connection, parameters) -> connection.send(template);
      names.put(endpoint, template);
      routes.put(PathTemplate.parse(template), endpoint);
    }
    assertEquals(TEMPLATES.length, routes.size());
    return new PathRouter(routes);
  }

  private String route(String target) {
    PathRouter.Match match = router.find(target);
    return match == null
        ? null
        : names.get(match.endpoint()) + " " + new TreeMap<>(match.parameters());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/ | / {}",
        "/echo | /echo {}",
        "/echo?room=x/y | /echo {}",
        "http://localhost/echo?x | /echo {}",
        "http://localhost | / {}",
        "/gr%C3%BC%c3%9fe | /grüße {}",
        "/rooms/java | /rooms/{room} {room=java}",
        "/rooms/lobby | /rooms/lobby {}",
        "/rooms/ | /rooms/ {}",
        "/rooms/a+b%20c%2Fd | /rooms/{room} {room=a+b c/d}",
        "/rooms/c%2B%2b | /rooms/{room} {room=c++}",
        "/rooms/.. | /rooms/{room} {room=..}",
        "/rooms/java/users/duke | /rooms/{room}/users/{user} {room=java, user=duke}",
        "/files/ | /files/{path...} {path=}",
        "/files/a/b//c | /files/{path...} {path=a/b//c}",
        "/files/a/raw | /files/{name}/raw {name=a}",
        "/x/raw | /{any}/raw {any=x}",
      })
  void narrowestRouteIsTaken(String target, String expected) {
    assertEquals(expected, route(target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/Echo",
        "/echo/",
        "/rooms",
        "/rooms//users/duke",
        "/rooms/java/users",
        "/files",
        "*",
        "echo",
        "/rooms/%",
        "/rooms/%4",
        "/rooms/%zz",
        "/rooms/%-1",
        "/rooms/%FF",
      })
  void otherPathsHaveNoRoute(String target) {
    assertNull(route(target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo",
        "",
        "/rooms/{room",
        "/rooms/room}",
        "/rooms/a{room}",
        "/rooms/{}",
        "/rooms/{a-b}",
        "/{a}/{a}",
        "/{rest...}/more",
        "/{rest..}",
      })
  void wrongTemplateIsRefused(String template) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> PathTemplate.parse(template));
    assertTrue(refusal.getMessage().contains(template), refusal.getMessage());
  }

  @Test
  void templatesForTheSamePathsAreEqual() {
    PathTemplate room = PathTemplate.parse("/rooms/{room}");
    assertEquals(room, PathTemplate.parse("/rooms/{name}"));
    assertEquals(room.hashCode(), PathTemplate.parse("/rooms/{name}").hashCode());
    assertNotEquals(room, PathTemplate.parse("/rooms/{room...}"));
    assertNotEquals(room, PathTemplate.parse("/rooms/room"));
    assertEquals("/rooms/{room}", room.toString());
  }
}
