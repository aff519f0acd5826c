package org.calciwatch.notification.webhook;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.ProtectedAddress;

/** Where changes of flags are told, and the secret it shares with us. */
final class Endpoint {

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");
    private static final String SECRET_PREFIX = "whsec_";

    /** What the Standard Webhooks specification asks for. */
    private static final int LEAST_SECRET = 24;

    private static final String HMAC = "HmacSHA256";

    private final String name;
    private final URI url;
    private final SecretKeySpec key;

    private Endpoint(String name, URI url, SecretKeySpec key) {
        this.name = name;
        this.url = url;
        this.key = key;
    }

    /**
     * Reads the settings.
     *
     * @throws ConfigurationException naming the first that cannot be used, and not its value; logged by Quarkus as one
     *     line, the process ends with exit code 1
     */
    static List<Endpoint> all(NotificationConfig config) {
        return config.webhooks().entrySet().stream()
                .map(each ->
                        of(each.getKey(), each.getValue().url(), each.getValue().secret()))
                .toList();
    }

    private static Endpoint of(String name, Optional<String> url, Optional<String> secret) {
        if (!NAME.matcher(name).matches()) {
            throw new ConfigurationException("calciwatch.webhooks.<name>.url must have a name of 1 to 40 small letters,"
                    + " digits and '-', such as ehr");
        }
        return new Endpoint(
                name,
                ProtectedAddress.of("calciwatch.webhooks." + name + ".url", url.orElse(""), Set.of()),
                key("calciwatch.webhooks." + name + ".secret", secret));
    }

    private static SecretKeySpec key(String setting, Optional<String> text) {
        try {
            var given = text.orElse("");
            var bytes = Base64.getDecoder()
                    .decode(given.startsWith(SECRET_PREFIX) ? given.substring(SECRET_PREFIX.length()) : given);
            if (bytes.length >= LEAST_SECRET) {
                return new SecretKeySpec(bytes, HMAC);
            }
        } catch (IllegalArgumentException e) {
            // said below, as for too few
        }
        throw new ConfigurationException(
                setting + " must be " + LEAST_SECRET + " or more random bytes as base64, such as"
                        + " openssl rand -base64 32 makes, with or without " + SECRET_PREFIX + " before");
    }

    String name() {
        return name;
    }

    URI url() {
        return url;
    }

    /** The {@code webhook-signature} of a message, after the Standard Webhooks specification. */
    String signature(String id, Instant at, String body) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(key);
            var signed = mac.doFinal((id + "." + at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has " + HMAC, e);
        }
    }

    /** Without the secret, and without the address, which may hold one. */
    @Override
    public String toString() {
        return name;
    }
}
