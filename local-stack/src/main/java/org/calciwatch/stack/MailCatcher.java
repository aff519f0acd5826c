package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.calciwatch.stack.mail.MailServer;

/**
 * Catches every mail over real SMTP and shows it over IMAP and the web.
 *
 * @param data directory of the mails
 */
record MailCatcher(Path data, int smtpPort, int imapPort, int webPort) implements Component {

    @Override
    public String name() {
        return "mail";
    }

    @Override
    public List<Integer> ports() {
        return List.of(smtpPort, imapPort, webPort);
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(data);
    }

    @Override
    public Command command() {
        var options = List.of(
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true");
        var arguments = List.of(
                data.toString(), Integer.toString(smtpPort), Integer.toString(imapPort), Integer.toString(webPort));
        return new Command(OperatingSystem.java(options, MailServer.class, arguments), Map.of(), data);
    }

    @Override
    public void probe(long pid) throws IOException {
        Http.expectOk(webUrl() + "/health");
    }

    String webUrl() {
        return "http://127.0.0.1:" + webPort;
    }
}
