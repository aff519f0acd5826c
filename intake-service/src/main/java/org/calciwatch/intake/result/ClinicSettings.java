package org.calciwatch.intake.result;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** What a clinic decides about its patients' result pages. */
@ConfigMapping(prefix = "calciwatch")
interface ClinicSettings {

    /** Which number the patient calls in an emergency. Default 112, which works in the EU and on most mobiles. */
    @WithDefault("112")
    String emergencyNumber();

    /**
     * When the patient reads more than the emergency and same-day texts: at once, or only from the clinic after its
     * review. Default immediate.
     */
    @WithName("education.release")
    @WithDefault("immediate")
    Release educationRelease();

    /** {@code immediate} or {@code after-review}. */
    enum Release {
        IMMEDIATE,
        AFTER_REVIEW
    }
}
