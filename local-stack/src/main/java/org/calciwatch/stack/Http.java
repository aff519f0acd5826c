package org.calciwatch.stack;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** A readiness question over HTTP. */
final class Http {
    private Http() {}

    static void expectOk(String url) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(2000);
        connection.setReadTimeout(5000);
        try {
            if (connection.getResponseCode() != 200) {
                throw new IOException(url + " answers " + connection.getResponseCode());
            }
        } finally {
            connection.disconnect();
        }
    }
}
