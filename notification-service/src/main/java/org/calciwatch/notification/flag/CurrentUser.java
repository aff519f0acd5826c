package org.calciwatch.notification.flag;

import jakarta.enterprise.context.ApplicationScoped;

/** Who acts on flags. The one place that knows; nobody logs in yet. */
@ApplicationScoped
class CurrentUser {

    String name() {
        return "anonymous";
    }
}
