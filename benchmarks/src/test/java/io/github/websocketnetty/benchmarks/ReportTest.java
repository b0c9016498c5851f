package io.github.websocketnetty.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

final class ReportTest {
  @TempDir private Path directory;
  private Path json;
  private String report;

  @BeforeEach
  void write() throws IOException, URISyntaxException {
    json = Path.of(ReportTest.class.getResource("/report/results.json").toURI());
    report = Report.write(json, directory);
  }

  @Test
  void reportIsPrintedAndWritten() throws IOException {
    assertEquals(report, Files.readString(directory.resolve("report.md")));
  }

  @Test
  void dateMachineAndJvmAreNamed() {
    assertContains("- date: 2026-01-02 03:04 UTC\n- CPU: an abacus, 2 processors\n");
    assertContains("- JVM: OpenJDK 64-Bit Server VM 17.0.15+6, forks: 2\n");
  }

  @Test
  void machineThatWasNotRecordedIsNotMadeUp() throws IOException {
    Path lonely = Files.copy(json, directory.resolve("results.json"));
    String other = Report.write(lonely, directory);
    assertTrue(other.contains("not recorded"), other);
  }

  @Test
  void figuresAreThoseOfOneFrameBesideTheBaselineOfTheSameParameters() {
    assertContains(
        """
        ## FrameDecode

        frames = 64, side = SERVER

        | bytes | way | ns per frame | ± error | B per frame | netty ÷ this | net of none |
        | :-- | :-- | --: | --: | --: | --: | --: |
        | 125 | none | 10.0 | 1.00 | 1 |  |  |
        | 125 | netty | 760 | 76.0 | 64 | 1.00× | 1.00× |
        | 125 | codec | 85.0 | 8.50 | 64 | 8.94× | 10.0× |
        | 16384 | none | 1,000 | 100 | 1 |  |  |
        | 16384 | netty | 60,000 | 6,000 | 64 | 1.00× | 1.00× |
        | 16384 | codec | 3,000 | 300 | 64 | 20.0× | 29.5× |

        ![FrameDecode](FrameDecode.svg)
        """);
  }

  @Test
  void otherUnitsOfTimeBecomeNanoseconds() {
    assertContains(
        """
        ## ConnectionSendOffLoop.fromOneThread

        messages = 64

        | way | ns per message | ± error | B per message | netty ÷ this |
        | :-- | --: | --: | --: | --: |
        | netty | 2,000 | 15.6 | – | 1.00× |
        | connection | 500 | 15.6 | – | 4.00× |
        """);
  }

  @Test
  void baselineThatDidNotRunLeavesTheRatioOpen() {
    assertContains("| connection | 4,000 | 15.6 | – | – |\n");
  }

  @Test
  void methodsAreWaysWhereThereIsNoSuchParameter() {
    assertContains(
        """
        ## MaskKeys

        | way | ns per op | ± error | B per op | netty ÷ this |
        | :-- | --: | --: | --: | --: |
        | netty | 1.25 | – | – | 1.00× |
        | maskKeys | 2.50 | – | – | 0.50× |
        """);
  }

  @Test
  void chartHasABarForEachResult() throws Exception {
    Document chart = chart("FrameDecode.svg");
    List<String> texts = texts(chart);
    assertTrue(texts.contains("FrameDecode"), texts.toString());
    assertTrue(texts.contains("125"), texts.toString());
    assertTrue(texts.contains("3.00 µs (20.0×)"), texts.toString());
    int legend = 3;
    assertEquals(6 + legend, chart.getElementsByTagName("rect").getLength());
    assertEquals(6, elementsOfClass(chart, "error"));
  }

  @Test
  void chartCanBeReadInBothThemes() throws Exception {
    String style = chart("MaskKeys.svg").getElementsByTagName("style").item(0).getTextContent();
    assertTrue(style.contains("prefers-color-scheme: dark"), style);
  }

  @Test
  void resultsOfTwoVirtualMachinesAreRefused() throws IOException {
    String first = Files.readString(json);
    Path mixed = directory.resolve("mixed.json");
    Files.writeString(mixed, first.replaceFirst("17\\.0\\.15\\+6", "25+36"));
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> Report.write(mixed, directory));
    assertTrue(refused.getMessage().contains("25+36"), refused.getMessage());
  }

  @Test
  void figuresThatAreNotTimesAreRefused() throws IOException {
    Path throughput = directory.resolve("throughput.json");
    Files.writeString(throughput, Files.readString(json).replace("ns/op", "ops/s"));
    assertThrows(IllegalArgumentException.class, () -> Report.write(throughput, directory));
  }

  private void assertContains(String part) {
    assertTrue(report.contains(part), report);
  }

  private Document chart(String name) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(directory.resolve(name).toFile());
  }

  private static List<String> texts(Document chart) {
    NodeList texts = chart.getElementsByTagName("text");
    return IntStream.range(0, texts.getLength())
        .mapToObj(i -> texts.item(i).getTextContent())
        .toList();
  }

  private static long elementsOfClass(Document chart, String name) {
    NodeList lines = chart.getElementsByTagName("line");
    return IntStream.range(0, lines.getLength())
        .filter(
            i -> name.equals(lines.item(i).getAttributes().getNamedItem("class").getNodeValue()))
        .count();
  }
}
