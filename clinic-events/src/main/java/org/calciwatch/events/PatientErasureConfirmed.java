package org.calciwatch.events;

import java.time.Instant;
import java.util.UUID;

/**
 * A service has removed what it held on an erased patient.
 *
 * @param service the service's name, as {@code assessment-service}
 */
public record PatientErasureConfirmed(String patientId, UUID erasureId, String service, Instant confirmedAt) {}
