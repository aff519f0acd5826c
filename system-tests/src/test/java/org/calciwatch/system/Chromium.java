package org.calciwatch.system;

import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test methods {@link Visitors} with a real Chromium: one process for all test classes. It is the program that the
 * environment variable {@code CALCIWATCH_CHROMIUM} names, or the first one on the PATH. Without any these tests are
 * skipped and one line says so; they fail instead where {@code CALCIWATCH_BROWSER} is {@code required}.
 */
final class Chromium implements ExecutionCondition, ParameterResolver, AfterTestExecutionCallback {

    private static final Namespace NAMESPACE = Namespace.create(Chromium.class);
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** Where a program is, empty when it is not on the PATH. */
    static Optional<Path> onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether it is a defect when a browser test cannot run. */
    static boolean isRequired() {
        return "required".equals(System.getenv("CALCIWATCH_BROWSER"));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (executable().isPresent()) {
            return ConditionEvaluationResult.enabled("there is a Chromium");
        }
        var missing = "no Chromium on the PATH or in CALCIWATCH_CHROMIUM";
        if (isRequired()) {
            throw new IllegalStateException("There is " + missing + ", and CALCIWATCH_BROWSER is 'required'");
        }
        context.getRoot().getStore(NAMESPACE).computeIfAbsent("said", _ -> {
            System.out.println("Skipped: all tests with a browser; there is " + missing + ".");
            return true;
        });
        return ConditionEvaluationResult.disabled(missing);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Visitors.class
                && context.getTestMethod().isPresent();
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var running = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(Running.class, _ -> new Running(executable().orElseThrow()), Running.class);
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        Visitors.class, _ -> new Visitors(running.browser, screenshots(context)), Visitors.class);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        var visitors = context.getStore(NAMESPACE).get(Visitors.class, Visitors.class);
        if (visitors != null && context.getExecutionException().isPresent()) {
            visitors.photographAll("failed");
        }
    }

    private static Optional<Path> executable() {
        var named = System.getenv("CALCIWATCH_CHROMIUM");
        return named != null
                ? Optional.of(Path.of(named)).filter(Files::isExecutable)
                : NAMES.stream().flatMap(name -> onPath(name).stream()).findFirst();
    }

    /** A folder for the test, and for the arguments of one that is repeated with several. */
    private static Path screenshots(ExtensionContext context) {
        var test = context.getRequiredTestMethod().getName();
        var shown = context.getDisplayName();
        var folder = shown.startsWith(test) ? test : test + shown.replaceAll("[^A-Za-z0-9]+", "-");
        return SCREENSHOTS
                .resolve(context.getRequiredTestClass().getSimpleName())
                .resolve(folder);
    }

    private static final class Running implements AutoCloseable {
        private final Playwright playwright;
        private final com.microsoft.playwright.Browser browser;

        Running(Path executable) {
            var environment = new HashMap<>(System.getenv());
            environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
            playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
            // As root, as in most containers, Chromium starts without its sandbox only; all it opens here is our own.
            browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(executable)
                            .setChromiumSandbox(false));
        }

        @Override
        public void close() {
            playwright.close();
        }
    }
}
