package org.calciwatch.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * The TCP ports of one stack, all on the loopback address.
 *
 * @param offset added to every standard port, 0 to {@value #MAX_OFFSET}
 */
public record Ports(int offset) {
    /** The highest standard port is 9093, the highest port there is 65535. */
    static final int MAX_OFFSET = 65_535 - 9093;

    public Ports {
        if (offset < 0 || offset > MAX_OFFSET) {
            throw new StackException("The port offset must be a whole number from 0 to " + MAX_OFFSET + ".");
        }
    }

    /**
     * Standard ports shifted to where all of them are free, for tests. They stay below 32768, where Linux begins to
     * give out ports to outgoing connections: one of those could take the port of a component that is just down.
     */
    public static Ports free() {
        for (int attempt = 0; attempt < 200; attempt++) {
            var ports = new Ports(ThreadLocalRandom.current().nextInt(11_000, 23_000));
            if (ports.all().allMatch(Ports::isFree)) {
                return ports;
            }
        }
        throw new StackException("No free ports found on 127.0.0.1 between 12000 and 32000.");
    }

    public int intake() {
        return 8081 + offset;
    }

    public int assessment() {
        return 8082 + offset;
    }

    public int notification() {
        return 8083 + offset;
    }

    public int postgres() {
        return 5433 + offset;
    }

    public int kafka() {
        return 9092 + offset;
    }

    public int keycloak() {
        return 8180 + offset;
    }

    /** Kafka's controller, which only the broker itself talks to. */
    public int kafkaController() {
        return 9093 + offset;
    }

    public int smtp() {
        return 1025 + offset;
    }

    public int imap() {
        return 1143 + offset;
    }

    /** The mail catcher's pages and API. */
    public int mailWeb() {
        return 8025 + offset;
    }

    private IntStream all() {
        return IntStream.of(
                intake(),
                assessment(),
                notification(),
                postgres(),
                kafka(),
                kafkaController(),
                smtp(),
                imap(),
                mailWeb(),
                keycloak());
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true); // connections of an earlier run that linger in TIME_WAIT are no obstacle
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
