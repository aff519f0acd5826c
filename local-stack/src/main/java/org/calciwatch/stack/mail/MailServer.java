package org.calciwatch.stack.mail;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/**
 * The main class of the mail catcher. Arguments: directory of the mails, SMTP port, IMAP port, web port. It listens on
 * the loopback address; in a container of its own, on the one of the property {@code calciwatch.mail.host}.
 */
public final class MailServer {
    private static final String HOST = System.getProperty("calciwatch.mail.host", "127.0.0.1");

    private MailServer() {}

    public static void main(String[] arguments) throws IOException {
        var directory = Path.of(arguments[0]);
        var greenMail = new GreenMail(new ServerSetup[] {
            new ServerSetup(Integer.parseInt(arguments[1]), HOST, ServerSetup.PROTOCOL_SMTP),
            new ServerSetup(Integer.parseInt(arguments[2]), HOST, ServerSetup.PROTOCOL_IMAP)
        });
        greenMail.withConfiguration(new GreenMailConfiguration().withDisabledAuthentication());
        var store = new MailStore(directory, greenMail.getUserManager());
        store.load();
        greenMail.getUserManager().setMessageDeliveryHandler(store::deliver);
        greenMail.start();

        // Last, so that whoever gets an answer here can also send and fetch.
        var web = HttpServer.create(
                new InetSocketAddress(InetAddress.ofLiteral(HOST), Integer.parseInt(arguments[3])), 0);
        web.createContext("/", new MailPages(store));
        web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        web.start();
    }
}
