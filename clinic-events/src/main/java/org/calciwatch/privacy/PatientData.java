package org.calciwatch.privacy;

import org.calciwatch.events.PatientErased;

/** A part of a service that holds data on patients. */
public interface PatientData extends PatientExport {

    /**
     * Removes, in the caller's transaction and under the patient's {@link PatientLock}, what came of the submissions
     * that {@link PatientErased#covers} tells. What came of later ones stays. May be called again.
     */
    void erase(PatientErased erased);
}
