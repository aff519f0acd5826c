package org.calciwatch.notification.delivery;

import java.io.BufferedReader;
import java.io.IOException;
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

    private final ServerSocket socket;
    private final Thread listener;
    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private final List<Socket> conversations = new CopyOnWriteArrayList<>();

    /** Listens at once; port 0 takes a free one. */
    ScriptedSmtp(int port) throws IOException {
        socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        listener = Thread.ofPlatform().daemon().start(this::listen);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Ends the conversation without an answer when a mail for this recipient comes. */
    void hangUpOn(String recipient) {
        refusals.put(recipient, HANG_UP);
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
        try (conversation;
                var in = new BufferedReader(
                        new InputStreamReader(conversation.getInputStream(), StandardCharsets.UTF_8))) {
            reply(conversation, "220 scripted");
            var recipient = "";
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("RCPT TO:")) {
                    recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                    var reply = refusals.getOrDefault(recipient, "250 ok");
                    if (reply.equals(HANG_UP)) {
                        return;
                    }
                    reply(conversation, reply);
                } else if (command.equals("DATA")) {
                    reply(conversation, "354 go on");
                    taken.add(new Taken(recipient, data(in)));
                    reply(conversation, "250 taken");
                } else if (command.equals("QUIT")) {
                    reply(conversation, "221 bye");
                    return;
                } else {
                    reply(conversation, "250 ok");
                }
            }
        } catch (IOException e) {
            // one side hung up
        }
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
