package org.calciwatch.assessment.pack;

import jakarta.enterprise.context.ApplicationScoped;

/** Who uploads and activates. The one place that knows; nobody logs in yet. */
@ApplicationScoped
class CurrentUser {

    String name() {
        return "anonymous";
    }
}
