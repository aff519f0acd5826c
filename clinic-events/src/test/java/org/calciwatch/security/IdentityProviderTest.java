package org.calciwatch.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdentityProviderTest {

    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;
    private IdentityProvider provider;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        provider =
                new IdentityProvider("http://127.0.0.1:" + server.getAddress().getPort() + "/realms/clinic");
    }

    @AfterEach
    void stop() {
        provider.close();
        server.stop(0);
    }

    @Test
    void many_logins_at_once_ask_the_provider_once() {
        for (int i = 0; i < 20; i++) {
            assertThat(provider.answeredLately().join()).isTrue();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void readiness_asks_the_provider_itself() {
        assertThat(provider.answeredLately().join()).isTrue();
        server.stop(0);
        assertThat(provider.answers().join()).isFalse();
    }
}
