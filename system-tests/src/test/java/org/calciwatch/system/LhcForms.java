package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** LHC-Forms as it is published on npm, in pages of its own on the loopback address. */
final class LhcForms implements AutoCloseable {

    private static final String PACKAGE = "lforms@40.1.3";
    private static final Path FOLDER = Path.of("target", "lforms").toAbsolutePath();
    private static final Path FILES = FOLDER.resolve("package/dist/lforms");
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>LHC-Forms</title>
            <link rel="stylesheet" href="webcomponent/styles.css">
            <script defer src="webcomponent/assets/lib/zone.min.js"></script>
            <script defer src="webcomponent/runtime.js"></script>
            <script defer src="webcomponent/polyfills.js"></script>
            <script defer src="webcomponent/main.js"></script>
            <script defer src="fhir/R4/lformsFHIR.min.js"></script>
            </head>
            <body><main id="form"></main></body>
            </html>
            """;

    private final HttpServer server;

    LhcForms() {
        server = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), FILES, OutputLevel.NONE);
        server.start();
    }

    /** Fetches the published files unless they are there. Without npm the tests are skipped and one line says so. */
    static void fetch() throws IOException {
        if (Files.exists(FILES.resolve("form.html"))) {
            return;
        }
        if (Chromium.onPath("npm").isEmpty()) {
            var missing = "no npm on the PATH to fetch " + PACKAGE + " with";
            if (Chromium.isRequired()) {
                throw new AssertionError("There is " + missing + ", and CALCIWATCH_BROWSER is 'required'");
            }
            System.out.println("Skipped: the tests with LHC-Forms; there is " + missing + ".");
            throw new TestAbortedException(missing);
        }
        Files.createDirectories(FOLDER);
        run("npm", "pack", PACKAGE, "--silent", "--pack-destination", FOLDER.toString());
        try (var packed = Files.newDirectoryStream(FOLDER, "*.tgz")) {
            run("tar", "-xzf", packed.iterator().next().toString(), "-C", FOLDER.toString());
        }
        // Last, so that what is half unpacked is fetched again.
        Files.writeString(FILES.resolve("form.html"), PAGE);
    }

    private static void run(String... command) throws IOException {
        var log = FOLDER.resolve(command[0] + ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor())
                    .as("exit code of '%s', whose output is in %s", String.join(" ", command), log)
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Shows a Questionnaire to somebody. */
    Form show(Visitors visitors, String questionnaire) {
        var visitor = visitors.at("http://127.0.0.1:" + server.getAddress().getPort());
        assertThat(visitor.open("/form.html")).isEqualTo(200);
        visitor.page()
                .evaluate(
                        "text => LForms.Util.addFormToPage(JSON.parse(text), 'form', {fhirVersion: 'R4'})",
                        questionnaire);
        return new Form(visitor);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** A form on the page; its fields are found by linkIds. */
    static final class Form {

        private static final int ATTEMPTS = 3;

        private final Visitor visitor;
        private final Page page;

        private Form(Visitor visitor) {
            this.visitor = visitor;
            this.page = visitor.page();
        }

        /** The words of a question that stands in a group. */
        Locator question(String linkId) {
            return page.locator("[id='label-" + linkId + "/1/1']");
        }

        void type(String linkId, String text) {
            field(linkId).fill(text);
        }

        void type(String linkId, String number, String unit) {
            type(linkId, number);
            typeAndLeave("unit_" + linkId, unit);
        }

        /** Types options as they are offered, which chooses them; again where the list was not open yet. */
        void choose(String linkId, String... options) {
            for (int chosen = 0; chosen < options.length; chosen++) {
                for (int attempt = 0; attempt < ATTEMPTS && answers(linkId) <= chosen; attempt++) {
                    typeAndLeave(linkId, options[chosen]);
                }
            }
        }

        private void typeAndLeave(String linkId, String option) {
            var field = field(linkId);
            field.clear();
            field.pressSequentially(option);
            field.press("Tab");
        }

        private int answers(String linkId) {
            return (int) page.evaluate("""
                    (linkId) => {
                        const count = (items) => (items ?? []).reduce((sum, item) => sum
                            + (item.linkId === linkId ? (item.answer ?? []).length : 0)
                            + count(item.item)
                            + (item.answer ?? []).reduce((below, answer) => below + count(answer.item), 0), 0);
                        return count(LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4').item);
                    }""", linkId);
        }

        /** Enters a date, month first, for a question below another one. */
        void date(String linkId, String date) {
            var field = page.locator("[id='" + linkId + "/1/1/1'] input");
            field.fill(date);
            field.press("Enter");
        }

        /** What LHC-Forms makes of it: a QuestionnaireResponse, which does not name its subject. */
        String response(String step) {
            visitor.photograph(step);
            return (String) page.evaluate("JSON.stringify(LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4'))");
        }

        private Locator field(String linkId) {
            return page.locator("[id='" + linkId + "/1/1']");
        }
    }
}
