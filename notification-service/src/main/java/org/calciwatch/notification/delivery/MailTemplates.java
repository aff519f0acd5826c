package org.calciwatch.notification.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import io.quarkus.qute.TemplateException;
import io.quarkus.qute.TemplateNode;
import io.quarkus.qute.Variant;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.calciwatch.notification.NotificationConfig;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The templates of mails: those in {@code templates/mail}, and the clinic's own in their place. What is wrong with one
 * is told at the start, in one line. What only shows later costs the clinic's words, never the mail.
 */
@ApplicationScoped
class MailTemplates {

    private static final String SETTING = "calciwatch.mail.templates: ";
    private static final List<String> NAMES =
            List.of("flag.txt", "flag.html", "reference.txt", "reference.html", "digest.txt", "digest.html");

    private static final Logger LOG = Logger.getLogger(MailTemplates.class);

    private final Engine engine;
    private final MeterRegistry metrics;
    private final Map<String, Template> own;
    private final String directory;

    /** @throws ConfigurationException when the clinic's own templates cannot be read, naming file and line */
    MailTemplates(Engine engine, NotificationConfig config, MeterRegistry metrics) {
        this.engine = engine;
        this.metrics = metrics;
        this.directory = config.mail().templates().map(Path::toString).orElse("");
        this.own = config.mail().templates().map(this::read).orElse(Map.of());
    }

    private Map<String, Template> read(Path folder) {
        var found = new HashMap<String, Template>();
        try (var files = Files.list(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = file.getFileName().toString();
                if (name.startsWith(".")) {
                    continue;
                }
                if (!NAMES.contains(name)) {
                    // Or a slip in a name would leave the shipped text in force, and nobody would know.
                    throw new ConfigurationException(
                            SETTING + file + " is no mail's name. Mails are " + String.join(", ", NAMES) + ".");
                }
                found.put(name, parse(name, Files.readString(file)));
            }
        } catch (IOException e) {
            throw new ConfigurationException(SETTING + folder + " must be a readable directory of UTF-8 texts: "
                    + e.getClass().getSimpleName());
        }
        return Map.copyOf(found);
    }

    private Template parse(String name, String content) {
        var variant = Variant.forContentType(name.endsWith(".html") ? "text/html" : "text/plain");
        try {
            return engine.parse(content, variant, "own-mail/" + name);
        } catch (TemplateException e) {
            throw broken(name, e);
        }
    }

    /** The words of a mail: the clinic's, or the shipped ones where the clinic's template fails at this one. */
    String render(String name, Object mail) {
        var template = own.get(name);
        if (template != null) {
            try {
                return render(template, mail);
            } catch (RuntimeException | StackOverflowError e) {
                // Without its message, which may quote the mail.
                LOG.errorf(
                        "%s%s/%s, line %s: failed with %s at a mail, which goes out with the shipped words",
                        SETTING, directory, name, line(e), e.getClass().getSimpleName());
                failed(name);
            }
        }
        return render(Objects.requireNonNull(engine.getTemplate("mail/" + name), name), mail);
    }

    private static String render(Template template, Object mail) {
        return template.data("mail", mail).render();
    }

    /** Counts a mail that goes out with other words than it should. */
    void failed(String name) {
        metrics.counter("calciwatch.mail.words.failed", "template", name).increment();
    }

    private static String line(Throwable failure) {
        return Optional.ofNullable(origin(failure))
                .map(origin -> String.valueOf(origin.getLine()))
                .orElse("unknown");
    }

    private static TemplateNode.@Nullable Origin origin(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TemplateException template && template.getOrigin() != null) {
                return template.getOrigin();
            }
        }
        return null;
    }

    /**
     * Renders a sample with the clinic's own template, if there is one.
     *
     * @param shown what every mail of this kind has to show
     * @param escaped markup in the sample, which HTML must show as text
     * @throws ConfigurationException when it cannot be rendered or misses something, naming file and line
     */
    void check(String name, Object sample, List<String> shown, String escaped) {
        var template = own.get(name);
        if (template == null) {
            return;
        }
        String words;
        try {
            words = render(template, sample);
        } catch (RuntimeException | StackOverflowError e) {
            throw broken(name, e);
        }
        for (var text : shown) {
            if (!words.contains(text)) {
                throw new ConfigurationException(SETTING + directory + "/" + name + " does not show \"" + text
                        + "\" of the sample mail. See the shipped template for how to.");
            }
        }
        if (name.endsWith(".html") && words.contains(escaped)) {
            throw new ConfigurationException(SETTING + directory + "/" + name
                    + " shows text as markup. Take out .raw and .safe: they let others write the mail.");
        }
    }

    private ConfigurationException broken(String name, Throwable e) {
        var origin = origin(e);
        var reason = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
        return new ConfigurationException(String.format(
                Locale.ROOT,
                "%s%s/%s, line %d: %s",
                SETTING,
                directory,
                name,
                origin == null ? 1 : origin.getLine(),
                reason));
    }
}
