package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.TimeoutError;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Somebody with a browser of their own: cookies, one page at a time, and pictures of what was seen. */
final class Visitor {

    /** WCAG 2.2 up to level AA, and what axe holds to be good practice beyond it. */
    private static final List<String> RULES =
            List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");

    /** More than any page has. */
    private static final int MOST_STOPS = 200;

    private final String site;
    private final BrowserContext context;
    private final Page page;
    private final boolean scripts;
    private final Path screenshots;
    private final List<String> complaints = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private int seen;

    Visitor(String site, BrowserContext context, boolean scripts, Path screenshots) {
        this.site = site;
        this.context = context;
        this.scripts = scripts;
        this.screenshots = screenshots;
        page = context.newPage();
        // Also how the browser reports what the content security policy forbade.
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && message.location().startsWith(site)) {
                complaints.add(message.text() + " (" + message.location() + ")");
            }
        });
        // A page that says what is wrong with a form is one that failed to the browser, and to nobody else.
        page.onResponse(response -> {
            if (response.request().isNavigationRequest() && List.of(409, 422).contains(response.status())) {
                refused.add("Failed to load resource: the server responded with a status of " + response.status());
            }
        });
        page.onPageError(error -> {
            if (page.url().startsWith(site)) {
                complaints.add(error);
            }
        });
    }

    /** What is open now. */
    Page page() {
        return page;
    }

    /** Opens a page of the site, over any redirects, and returns its status. */
    int open(String path) {
        return page.navigate(path).status();
    }

    /** Enters name and password of a demo user at the identity provider's page, by keyboard. */
    void logIn(String user) {
        page.locator("#username").pressSequentially(user);
        page.locator("#password").pressSequentially("demo");
        page.keyboard().press("Enter");
        arrives(url -> url.startsWith(site), site);
    }

    /** Waits until a page of the site is open, whatever its query. */
    void arrivesAt(String path) {
        arrives(url -> url.startsWith(site) && URI.create(url).getPath().equals(path), path);
    }

    /**
     * Looks at the open page: a picture is kept, and the page must be as every page must be in every state: accessible,
     * not wider than the window, nothing that failed or was forbidden.
     */
    void sees(String step) {
        photograph(step);
        assertThat(complaints.stream().filter(complaint -> refused.stream().noneMatch(complaint::startsWith)))
                .as("what the browser complains about at %s", page.url())
                .isEmpty();
        assertThat(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .as("pixels that %s is wider than the window", page.url())
                .isEqualTo(0);
        if (scripts) {
            isAccessible();
        }
    }

    /** Keeps a picture of the whole page. */
    void photograph(String step) {
        seen++;
        page.screenshot(new ScreenshotOptions()
                .setFullPage(true)
                .setPath(screenshots.resolve("%02d-%s.png".formatted(seen, step.replace(' ', '-')))));
    }

    /** Moves on with the Tab key until an element, or one of several, has the focus. */
    void tabTo(Locator target) {
        for (int stops = 0; stops < MOST_STOPS; stops++) {
            page.keyboard().press("Tab");
            if (Boolean.TRUE.equals(target.evaluateAll("elements => elements.includes(document.activeElement)"))) {
                return;
            }
        }
        throw new AssertionError(target + " cannot be reached with the Tab key at " + page.url());
    }

    /** Goes to a text field with the Tab key and replaces what is in it. */
    void types(Locator field, String text) {
        tabTo(field);
        page.keyboard().press("ControlOrMeta+A");
        page.keyboard().type(text);
    }

    /** Goes to a list with the Tab key and types the words of an option. */
    void selects(Locator list, String option) {
        tabTo(list);
        page.keyboard().type(option);
    }

    /** Goes to a checkbox with the Tab key and presses the space bar. */
    void ticks(Locator checkbox) {
        tabTo(checkbox);
        page.keyboard().press("Space");
    }

    /** Goes to a group of radio buttons with the Tab key, where only one of them is a stop, and on with the arrows. */
    void picks(Locator radio) {
        var group = page.locator("input[type=radio][name='" + radio.getAttribute("name") + "']");
        tabTo(group);
        page.keyboard().press("Space");
        for (int i = group.count(); i > 0 && !radio.isChecked(); i--) {
            page.keyboard().press("ArrowDown");
        }
        assertThat(radio.isChecked()).as("%s, picked with the keyboard", radio).isTrue();
    }

    /** Goes to a link or button with the Tab key and presses Enter. */
    void presses(Locator target) {
        tabTo(target);
        page.keyboard().press("Enter");
    }

    void close() {
        context.close();
    }

    private void arrives(Predicate<String> address, String expected) {
        try {
            page.waitForURL(address);
        } catch (TimeoutError e) {
            throw new AssertionError("Expected to arrive at " + expected + ", but this is " + page.url(), e);
        }
    }

    private void isAccessible() {
        var found = new AxeBuilder(page).withTags(RULES).analyze();
        assertThat(found.getPasses()).as("the rules that axe found kept").isNotEmpty();
        assertThat(found.getViolations().stream().map(Visitor::inWords))
                .as("the rules that axe found broken at %s", page.url())
                .isEmpty();
    }

    private static String inWords(Rule broken) {
        return broken.getNodes().stream()
                .map(node -> "\n  " + node.getTarget() + " " + node.getHtml() + "\n  "
                        + node.getFailureSummary().replace("\n", "\n  "))
                .collect(Collectors.joining(
                        "", "\n" + broken.getImpact() + ": " + broken.getHelp() + " (" + broken.getId() + ")", "\n"));
    }
}
