package org.calciwatch.notification;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a clinic sets. Every name can be given as an environment variable, such as {@code CALCIWATCH_INBOX_URL}. */
@ConfigMapping(prefix = "calciwatch")
public interface NotificationConfig {

    /** E-mail addresses that hear of every flag until a routing table is stored. */
    @WithDefault("clinician1@clinic.example")
    List<String> clinicians();

    /** E-mail addresses that hear of what the clinicians leave, until a routing table is stored. */
    @WithDefault("lead@clinic.example")
    List<String> leads();

    /** What the routing table leaves open about flags that nobody acknowledges. */
    Escalation escalation();

    /** What the routing table leaves open about flags that nobody acknowledges. */
    interface Escalation {

        /** When the fallback hears of a flag whose row has no steps, since the first mail; at most 7 days. */
        @WithDefault("PT30M")
        Duration defaultAfter();

        /** Pause between the repetitions of the last step; at most 7 days. */
        @WithDefault("PT4H")
        Duration repeat();
    }

    /** How long an acknowledged flag may stay without being closed before it is reminded of, again and again. */
    @WithDefault("P3D")
    Duration reminder();

    /** Where clinicians reach this service in their browser, without a slash at the end. */
    @WithDefault("http://127.0.0.1:8083")
    URI inboxUrl();

    /**
     * Hosts on which the admin pages may reach the other services over plain HTTP, with the admin's token: only where
     * nobody else is on the network between, as between containers on one machine. The loopback address needs none.
     */
    Optional<Set<String>> plainHttpHosts();

    /** Who hears of every change of a flag over HTTP, by name; see docs/webhooks.md. */
    Map<String, Webhook> webhooks();

    /** Where changes of flags are told; checked at the start, as both settings are needed. */
    interface Webhook {

        /** {@code https://…}, or {@code http://} on the loopback address. */
        Optional<String> url();

        /** What messages are signed with: 24 or more random bytes as base64, with or without {@code whsec_} before. */
        Optional<String> secret();
    }

    /** How mails are sent. The pauses and the number of attempts are those of webhooks too. */
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

        /**
         * Directory with the clinic's own templates. A file there takes the place of the shipped one of the same name:
         * {@code flag}, {@code reference} or {@code digest}, each {@code .txt} and {@code .html}.
         */
        Optional<Path> templates();

        /** The clinic's mail server. */
        Smtp smtp();

        /** Where mails come back to that their recipients' servers had taken too soon. */
        Bounces bounces();
    }

    /** How much a mail tells of what was found. */
    enum Detail {
        /** The findings with their values, under the flag's pseudonymous reference. */
        SUMMARY,
        /** Severity, reference and link; what was found stands in the inbox only. */
        REFERENCE_ONLY
    }

    /** A server that mails go out by or come in by. */
    interface Server {

        /** How the connection is protected. */
        enum Security {
            /** Readable by everybody on the way: for a mail server on the same machine only. */
            NONE,
            /** Encrypted after a first exchange; refused when the server cannot. */
            STARTTLS,
            /** Encrypted from the start. */
            TLS
        }

        int port();

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

    /** The clinic's mail server. */
    interface Smtp extends Server {

        @WithDefault("127.0.0.1")
        String host();

        @Override
        @WithDefault("1025")
        int port();

        @Override
        @WithDefault("starttls")
        Security security();
    }

    /** Mails that come back. */
    interface Bounces {

        /** Envelope sender of every mail, to which servers return it. Left out, the sender that readers see. */
        Optional<String> address();

        /** The mailbox of that address. */
        Imap imap();
    }

    /** A mailbox for mails that come back, and for nothing else: whatever is in it is marked as seen. */
    interface Imap extends Server {

        /** Left out when nobody is to look. */
        Optional<String> host();

        @Override
        @WithDefault("993")
        int port();

        @Override
        @WithDefault("tls")
        Security security();

        @WithDefault("INBOX")
        String folder();

        /** Time between two looks. */
        @WithDefault("1m")
        Duration every();
    }
}
