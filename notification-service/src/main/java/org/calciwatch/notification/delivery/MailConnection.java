package org.calciwatch.notification.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.calciwatch.notification.NotificationConfig;

/** How the mail library is to speak with one of the clinic's servers. */
final class MailConnection {

    private MailConnection() {}

    /**
     * The library's settings for a server.
     *
     * @param protocol {@code smtp} or {@code imap}
     * @param setting prefix of the clinic's settings, for messages
     * @throws IllegalStateException when the trusted certificates cannot be read
     */
    static Properties settings(String protocol, String setting, NotificationConfig.Server server) {
        var prefix = "mail." + protocol + ".";
        var patience = String.valueOf(Smtp.PATIENCE.toMillis());
        var settings = new Properties();
        settings.put(prefix + "port", String.valueOf(server.port()));
        settings.put(prefix + "connectiontimeout", patience);
        settings.put(prefix + "timeout", patience);
        settings.put(prefix + "writetimeout", patience);
        switch (server.security()) {
            case NONE -> {
                // as it is
            }
            case STARTTLS -> {
                settings.put(prefix + "starttls.enable", "true");
                settings.put(prefix + "starttls.required", "true");
                trust(prefix, setting, server, settings);
            }
            case TLS -> {
                settings.put(prefix + "ssl.enable", "true");
                trust(prefix, setting, server, settings);
            }
        }
        return settings;
    }

    /** The server has to be who it should be, by the configured certificates, and those only. */
    private static void trust(String prefix, String setting, NotificationConfig.Server server, Properties settings) {
        settings.put(prefix + "ssl.checkserveridentity", "true");
        server.trustedCertificates()
                .ifPresent(file -> settings.put(
                        prefix + "ssl.socketFactory", context(setting, file).getSocketFactory()));
    }

    private static SSLContext context(String setting, Path file) {
        try (var pem = Files.newInputStream(file)) {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("trusted-" + trusted.size(), certificate);
            }
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            var tls = SSLContext.getInstance("TLS");
            tls.init(null, managers.getTrustManagers(), null);
            return tls;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(
                    setting + ".trusted-certificates must be a readable PEM file of certificates: " + file, e);
        }
    }
}
