package io.github.websocketnetty.examples;

import io.github.websocketnetty.protocol.ShownUri;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a URI; what is none is shown without its password. */
final class UriArgument implements ITypeConverter<URI> {
  @Override
  public URI convert(String value) {
    try {
      return new URI(value);
    } catch (URISyntaxException e) {
      throw new TypeConversionException(
          "'" + ShownUri.of(value) + "' is not a URI: " + e.getReason());
    }
  }
}
