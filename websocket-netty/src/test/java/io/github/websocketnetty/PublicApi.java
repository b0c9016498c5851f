package io.github.websocketnetty;

import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The public constructors and methods of the library, and how to call them. */
final class PublicApi {
  private static final String ROOT = "io.github.websocketnetty.";

  private final Samples samples;

  PublicApi(Samples samples) {
    this.samples = samples;
  }

  /** An argument that is a reference. */
  record Argument(Executable executable, int index) {
    /** Returns where it is given, such as {@code Connection.send(text)}. */
    String id() {
      String type = executable.getDeclaringClass().getName().substring(ROOT.length());
      String method = executable instanceof Method ? "." + executable.getName() : "";
      return type.replace('$', '.') + method + "(" + parameter().getName() + ")";
    }

    private Parameter parameter() {
      return executable.getParameters()[index];
    }

    /** Returns the names by which a user knows it, in lower case; one is of what a setter sets. */
    Set<String> names() {
      Set<String> names = new HashSet<>(Set.of(lower(parameter().getName())));
      if (executable.getDeclaringClass().getSimpleName().equals("Builder")) {
        if (executable.getParameterCount() == 1) {
          names.remove("value");
        }
        names.add(lower(executable.getName()));
      }
      return names;
    }

    private static String lower(String name) {
      return name.toLowerCase(Locale.ROOT);
    }
  }

  /** Returns all arguments that may be null, of methods that are ours to implement. */
  List<Argument> referenceArguments() throws IOException, ReflectiveOperationException {
    List<Argument> arguments = new ArrayList<>();
    for (Class<?> type : publicTypes()) {
      for (Executable executable : executables(type)) {
        Class<?>[] types = executable.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
          if (!types[i].isPrimitive()) {
            arguments.add(new Argument(executable, i));
          }
        }
      }
    }
    return arguments;
  }

  /** Calls with samples, and null for one argument. */
  void call(Executable executable, int nullIndex)
      throws ReflectiveOperationException, InvocationTargetException {
    Parameter[] parameters = executable.getParameters();
    Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = i == nullIndex ? null : samples.of(parameters[i]);
    }
    if (executable instanceof Constructor<?> constructor) {
      constructor.newInstance(arguments);
    } else {
      Method method = (Method) executable;
      Object target =
          Modifier.isStatic(method.getModifiers())
              ? null
              : samples.target(method.getDeclaringClass());
      method.invoke(target, arguments);
    }
  }

  private static List<Class<?>> publicTypes() throws IOException, ReflectiveOperationException {
    Path root;
    try {
      root = Path.of(Connection.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name =
            root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".");
        if (name.startsWith(ROOT) && name.endsWith(".class") && !name.endsWith("-info.class")) {
          Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()));
          if (isPublic(type)) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  private static boolean isPublic(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
      if (!Modifier.isPublic(each.getModifiers())) {
        return false;
      }
    }
    return !type.isAnonymousClass();
  }

  private List<Executable> executables(Class<?> type) {
    List<Executable> executables = new ArrayList<>();
    executables.addAll(List.of(type.getConstructors()));
    for (Method method : type.getDeclaredMethods()) {
      boolean isOurs =
          Modifier.isPublic(method.getModifiers())
              && !method.isSynthetic()
              && !method.getName().equals("equals")
              && !(type.isEnum() && method.getName().equals("valueOf"))
              && !(type.getSuperclass() != null && isOfNetty(type.getSuperclass(), method))
              && !samples.isForUsers(type, method);
      if (isOurs) {
        executables.add(method);
      }
    }
    return executables;
  }

  /** Returns whether Netty declares the method of a handler, which its pipeline calls. */
  private static boolean isOfNetty(Class<?> superclass, Method method) {
    if (!ChannelHandler.class.isAssignableFrom(superclass)) {
      return false;
    }
    try {
      superclass.getMethod(method.getName(), method.getParameterTypes());
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }
}
