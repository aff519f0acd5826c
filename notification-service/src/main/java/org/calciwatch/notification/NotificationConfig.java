package org.calciwatch.notification;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a clinic sets. Every name can be given as an environment variable, such as {@code CALCIWATCH_INBOX_URL}. */
@ConfigMapping(prefix = "calciwatch")
public interface NotificationConfig {

    /** E-mail addresses that hear of every flag. */
    @WithDefault("clinician1@clinic.example")
    List<String> clinicians();

    /** Where clinicians reach this service in their browser, without a slash at the end. */
    @WithDefault("http://127.0.0.1:8083")
    URI inboxUrl();

    /** How mails are sent. */
    Mail mail();

    /** How mails are sent. */
    interface Mail {

        /** Sender of every mail. */
        @WithDefault("Calciwatch <calciwatch@clinic.example>")
        String from();

        /** Right-hand side of every Message-ID; a domain the clinic owns. */
        @WithDefault("calciwatch.example")
        String messageIdDomain();

        /** Pause after the first failed attempt; doubles with every further one. */
        @WithDefault("5s")
        Duration firstRetry();

        /** Longest pause between attempts. */
        @WithDefault("15m")
        Duration longestRetry();

        /**
         * Attempts before a delivery counts as failed and waits for a person. With the default pauses, 296 attempts span
         * 5 + 10 + 20 + 40 + 80 + 160 + 320 + 640 + 287 × 900 seconds, which is 72 hours less the jitter: a mail server
         * may be away for a long weekend.
         */
        @WithDefault("296")
        int attempts();

        /** How much a mail tells. */
        @WithDefault("summary")
        Detail detail();

        /** The clinic's mail server. */
        Smtp smtp();
    }

    /** How much a mail tells of what was found. */
    enum Detail {
        /** The findings with their values, under the flag's pseudonymous reference. */
        SUMMARY,
        /** Severity, reference and link; what was found stands in the inbox only. */
        REFERENCE_ONLY
    }

    /** The clinic's mail server. */
    interface Smtp {

        /** How the connection is protected. */
        enum Security {
            /** Readable by everybody on the way: for a mail server on the same machine only. */
            NONE,
            /** Encrypted after a first exchange; refused when the server cannot. */
            STARTTLS,
            /** Encrypted from the start. */
            TLS
        }

        @WithDefault("127.0.0.1")
        String host();

        @WithDefault("1025")
        int port();

        @WithDefault("starttls")
        Security security();

        /**
         * PEM file with the certificates that may have signed the mail server's, such as those of the clinic's own
         * authority. Left out, those the Java runtime trusts.
         */
        Optional<Path> trustedCertificates();

        /** Left out when the server asks for no login. */
        Optional<String> username();

        Optional<String> password();
    }
}
