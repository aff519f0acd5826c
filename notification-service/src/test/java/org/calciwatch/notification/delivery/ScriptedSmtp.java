package org.calciwatch.notification.delivery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A mail server that refuses whom the test wants it to refuse. */
class ScriptedSmtp implements AutoCloseable {

    /** A mail as it came over the wire. */
    record Taken(String recipient, String raw) {

        List<String> header(String name) {
            return raw.substring(0, raw.indexOf("\n\n"))
                    .replaceAll("\n[ \t]+", " ")
                    .lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .toList();
        }
    }

    private static final String HANG_UP = "";
    private static final String HANG_UP_IN_THE_MAIL = "in the mail";
    private static final String STALL = "stall";

    private final ServerSocket socket;
    private final Thread listener;
    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private final List<Socket> conversations = new CopyOnWriteArrayList<>();

    private final @Nullable SSLContext startTls;

    /** Listens at once; port 0 takes a free one. Knows no TLS. */
    ScriptedSmtp(int port) throws IOException {
        this(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), null);
    }

    /** Listens on a free port and speaks nothing but TLS. */
    static ScriptedSmtp overTls(SSLContext tls) throws IOException {
        return new ScriptedSmtp(
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()), null);
    }

    /** Listens on a free port and offers STARTTLS. */
    static ScriptedSmtp withStartTls(SSLContext tls) throws IOException {
        return new ScriptedSmtp(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), tls);
    }

    private ScriptedSmtp(ServerSocket socket, @Nullable SSLContext startTls) {
        this.socket = socket;
        this.startTls = startTls;
        listener = Thread.ofPlatform().daemon().start(this::listen);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Ends the conversation without an answer when a mail for this recipient comes. */
    void hangUpOn(String recipient) {
        refusals.put(recipient, HANG_UP);
    }

    /** Takes a line of a mail for this recipient and ends the conversation. */
    void hangUpInTheMail(String recipient) {
        refusals.put(recipient, HANG_UP_IN_THE_MAIL);
    }

    /** Does not answer when a mail for this recipient comes. */
    void stallOn(String recipient) {
        refusals.put(recipient, STALL);
    }

    /** Takes mails for this recipient again. */
    void take(String recipient) {
        refusals.remove(recipient);
    }

    /** Answers this command so, whoever the recipient is; {@code .} is the end of a mail. */
    void answer(String command, String reply) {
        answers.put(command, reply);
    }

    /** Answers mails for this recipient so, as in {@code 550 no such user}. */
    void refuse(String recipient, String reply) {
        refusals.put(recipient, reply);
    }

    List<Taken> taken() {
        return taken;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        try {
            // Until then the port may still take a connection.
            listener.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (var conversation : conversations) {
            conversation.close();
        }
    }

    private void listen() {
        try {
            while (true) {
                var conversation = socket.accept();
                conversations.add(conversation);
                Thread.ofVirtual().start(() -> converse(conversation));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void converse(Socket conversation) {
        try (conversation) {
            reply(conversation, "220 scripted");
            if (startTls == null) {
                mails(conversation);
                return;
            }
            // Not a character more than the command may be read: what follows it is TLS.
            var line = "";
            while (!line.equals("STARTTLS")) {
                line = line(conversation.getInputStream());
                if (line.isEmpty()) {
                    return;
                }
                reply(conversation, line.startsWith("EHLO") ? "250-scripted\r\n250 STARTTLS" : "220 go on");
            }
            try (var encrypted = (SSLSocket) startTls.getSocketFactory().createSocket(conversation, null, false)) {
                encrypted.setUseClientMode(false);
                mails(encrypted);
            }
        } catch (IOException e) {
            // one side hung up
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private void mails(Socket conversation) throws IOException {
        try (var in =
                new BufferedReader(new InputStreamReader(conversation.getInputStream(), StandardCharsets.UTF_8))) {
            var recipient = "";
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("RCPT TO:")) {
                    recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                    var reply = refusals.getOrDefault(recipient, "250 ok");
                    switch (reply) {
                        case HANG_UP -> {
                            return;
                        }
                        case STALL -> {
                            // until the other side hangs up
                            var _ = in.readLine();
                            return;
                        }
                        case HANG_UP_IN_THE_MAIL -> reply(conversation, "250 ok");
                        default -> reply(conversation, reply);
                    }
                } else if (command.equals("DATA")) {
                    var reply = answers.getOrDefault("DATA", "354 go on");
                    reply(conversation, reply);
                    if (!reply.startsWith("354")) {
                        continue;
                    }
                    if (HANG_UP_IN_THE_MAIL.equals(refusals.get(recipient))) {
                        var _ = in.readLine();
                        return;
                    }
                    var mail = new Taken(recipient, data(in));
                    var end = answers.getOrDefault(".", "250 taken");
                    if (end.startsWith("2")) {
                        taken.add(mail);
                    }
                    reply(conversation, end);
                } else if (command.equals("QUIT")) {
                    reply(conversation, "221 bye");
                    return;
                } else {
                    reply(conversation, answerTo(command));
                }
            }
        }
    }

    private String answerTo(String command) {
        return answers.entrySet().stream()
                .filter(answer -> command.startsWith(answer.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("250 ok");
    }

    private static String data(BufferedReader in) throws IOException {
        var data = new StringBuilder();
        for (var line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            data.append(line).append('\n');
        }
        return data.toString();
    }

    private static void reply(Socket conversation, String line) throws IOException {
        conversation.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
