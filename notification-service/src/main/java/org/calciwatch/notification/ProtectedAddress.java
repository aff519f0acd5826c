package org.calciwatch.notification;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Addresses to which patients' data or somebody's token go, so that nobody on the way may read along. */
public final class ProtectedAddress {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private ProtectedAddress() {}

    /**
     * Checks a setting.
     *
     * @param plainHosts hosts besides the loopback address that may be reached over plain HTTP, in small letters
     * @throws ConfigurationException naming the setting and not its value, which may hold a secret; logged by Quarkus as
     *     one line, the process ends with exit code 1
     */
    public static URI of(String setting, String text, Set<String> plainHosts) {
        try {
            var url = URI.create(text);
            var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            var host = url.getHost();
            var isProtected =
                    scheme.equals("https") || (scheme.equals("http") && host != null && isPlain(host, plainHosts));
            if (host != null && isProtected && url.getUserInfo() == null && url.getFragment() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // said below, as for another scheme
        }
        var others = plainHosts.isEmpty() ? "" : " and " + String.join(", ", plainHosts);
        throw new ConfigurationException(setting + " must be an address that begins with https:// (http:// only on the"
                + " loopback address" + others + "), without user name and '#'");
    }

    private static boolean isPlain(String host, Set<String> plainHosts) {
        return LOOPBACK.matcher(host).matches() || plainHosts.contains(host.toLowerCase(Locale.ROOT));
    }
}
