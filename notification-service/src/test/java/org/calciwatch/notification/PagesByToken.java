package org.calciwatch.notification;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Pages take the bearer tokens of the API, so that REST Assured can ask for them; system-tests log in as browsers do. */
public class PagesByToken implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("calciwatch.pages", "/logout");
    }
}
