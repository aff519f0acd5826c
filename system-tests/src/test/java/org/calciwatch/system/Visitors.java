package org.calciwatch.system;

import com.microsoft.playwright.Browser.NewContextOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Those who come to the pages during one test, each with a browser of their own; all leave when it ends. */
final class Visitors implements AutoCloseable {

    private final com.microsoft.playwright.Browser browser;
    private final Path screenshots;
    private final List<Visitor> visitors = new ArrayList<>();

    Visitors(com.microsoft.playwright.Browser browser, Path screenshots) {
        this.browser = browser;
        this.screenshots = screenshots;
    }

    /** One more, with an English browser on a laptop. */
    Visitor at(String site) {
        return at(site, new NewContextOptions());
    }

    /**
     * One more.
     *
     * @param site where relative addresses begin, without a path
     * @param how what is special about the browser: language, size, scripts
     */
    Visitor at(String site, NewContextOptions how) {
        var context = browser.newContext(how.setBaseURL(site));
        var visitor = new Visitor(
                site,
                context,
                !Boolean.FALSE.equals(how.javaScriptEnabled),
                screenshots.resolve("visitor" + (visitors.size() + 1)));
        visitors.add(visitor);
        return visitor;
    }

    /** Keeps a picture of what each of them sees now. */
    void photographAll(String step) {
        visitors.forEach(visitor -> visitor.photograph(step));
    }

    @Override
    public void close() {
        visitors.forEach(Visitor::close);
    }
}
