package io.github.websocketnetty.support;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the files of this module are. The folder is found from the compiled class, not from the
 * working directory: a development environment may start tests in any folder.
 */
public final class ModuleFiles {
  private static final String MODULE = "websocket-netty";
  private static final Path ROOT = findRoot();

  private ModuleFiles() {}

  private static Path findRoot() {
    try {
      Path classes =
          Path.of(ModuleFiles.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path folder = classes; folder != null; folder = folder.getParent()) {
        if (Files.exists(folder.resolve(MODULE).resolve("pom.xml"))) {
          return folder;
        }
      }
      throw new IllegalStateException("no folder above " + classes + " has " + MODULE + "/pom.xml");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a file or folder of the repository, by its path from the repository's root. */
  public static Path inRepository(String path) {
    return ROOT.resolve(path);
  }

  /** Returns a file or folder of this module, by its path from the module's folder. */
  public static Path inModule(String path) {
    return ROOT.resolve(MODULE).resolve(path);
  }

  /** Returns a file below {@code target}, for the results of a test; creates the folder. */
  public static Path inTarget(String name) throws IOException {
    return Files.createDirectories(inModule("target")).resolve(name);
  }
}
