package io.github.websocketnetty;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * An {@link Endpoint} that is told the parameters of the path it was asked for. One instance serves
 * all connections of its route.
 */
@FunctionalInterface
public interface RoutedEndpoint {
  /**
   * Serves a connection that was just opened, as {@link Endpoint#serve} does.
   *
   * @param connection open; called on its event loop, so this must not block
   * @param parameters what stood in the places of the route's parameters, by name; immutable,
   *     percent-decoded and otherwise as the client sent it: it may hold a slash or be {@code ..}
   * @return a stage that completes when the application is done; null means at once
   */
  CompletionStage<?> serve(Connection connection, Map<String, String> parameters);
}
