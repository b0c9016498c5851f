package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Keeps the contract table whole and true: no empty line, and no name that does not exist. */
class ContractTableTest {
  private static final int BEHAVIOURS = 131;
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:\\.\\w+)*)`");
  private static final String OURS = "io.github.websocketnetty.";
  private static final List<String> PACKAGES =
      List.of(
          OURS,
          OURS + "handler.",
          OURS + "protocol.",
          "java.lang.",
          "java.util.",
          "java.util.concurrent.",
          "java.time.",
          "java.net.",
          "java.nio.",
          "io.netty.buffer.",
          "org.slf4j.");

  @Test
  void everyNameInTheTableExists() throws IOException {
    List<String> missing =
        rows()
            .flatMap(row -> row.stream().skip(1))
            .flatMap(ContractTableTest::names)
            .filter(name -> resolve(name).isEmpty())
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void noCellIsEmpty() throws IOException {
    List<List<String>> incomplete =
        rows().filter(row -> row.stream().anyMatch(String::isBlank)).toList();
    assertEquals(List.of(), incomplete);
  }

  @Test
  void everyMemberHasANameOfOursAndATestClass() throws IOException {
    List<List<String>> members = rows().filter(row -> row.size() == 4).toList();
    assertEquals(
        List.of(),
        members.stream()
            .filter(row -> names(row.get(1)).findAny().isEmpty() || !isTests(row.get(3)))
            .toList());
  }

  @Test
  void everyBehaviourHasItsTestsOrAReason() throws IOException {
    List<List<String>> behaviours = rows().filter(row -> row.size() == 2).toList();
    Set<String> names = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (List<String> row : behaviours) {
      if (!names.add(row.get(0)) || !(isTests(row.get(1)) || row.get(1).endsWith("."))) {
        wrong.add(row.get(0));
      }
    }
    assertEquals(List.of(), wrong);
    assertEquals(BEHAVIOURS, names.size());
  }

  /** Returns the cells of each line of a table, without headers. */
  private static Stream<List<String>> rows() throws IOException {
    List<String> lines = Files.readAllLines(ModuleFiles.inModule("CONTRACT.md"));
    List<List<String>> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      boolean isHeader = i + 1 < lines.size() && lines.get(i + 1).startsWith("|---");
      if (lines.get(i).startsWith("| ") && !isHeader) {
        String[] cells = lines.get(i).substring(1).split("\\|");
        rows.add(Arrays.stream(cells).map(String::strip).toList());
      }
    }
    return rows.stream();
  }

  private static Stream<String> names(String cell) {
    return NAME.matcher(cell).results().map((MatchResult match) -> match.group(1));
  }

  private static boolean isTests(String cell) {
    List<String> names = names(cell).toList();
    return !names.isEmpty()
        && names.stream().allMatch(name -> name.split("\\.")[0].endsWith("Test"));
  }

  /** Returns what is named {@code Class}, {@code Class.Nested} or {@code Class.member}. */
  private static Optional<? extends AnnotatedElement> resolve(String name) {
    String[] parts = name.split("\\.");
    Optional<Class<?>> type = PACKAGES.stream().flatMap(p -> load(p + parts[0])).findFirst();
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i];
      if (type.isEmpty()) {
        return type;
      }
      Class<?> outer = type.get();
      type =
          Arrays.stream(outer.getClasses()).filter(c -> c.getSimpleName().equals(part)).findAny();
      if (type.isEmpty() && i == parts.length - 1) {
        return member(outer, part);
      }
    }
    return type;
  }

  private static Stream<Class<?>> load(String name) {
    try {
      return Stream.of(Class.forName(name, false, ContractTableTest.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      return Stream.empty();
    }
  }

  private static Optional<? extends AnnotatedElement> member(Class<?> type, String name) {
    boolean isTest = type.getSimpleName().endsWith("Test");
    Optional<Method> method =
        Arrays.stream(isTest ? type.getDeclaredMethods() : type.getMethods())
            .filter(m -> m.getName().equals(name))
            .filter(m -> !isTest || isTest(m))
            .findAny();
    return method.isPresent() || isTest
        ? method
        : Arrays.stream(type.getFields()).filter(field -> field.getName().equals(name)).findAny();
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }
}
