package org.calciwatch.events;

import java.time.Instant;
import java.util.UUID;

/** All services remove what they hold on this patient. */
public record PatientErased(String patientId, UUID erasureId, Instant erasedAt) {}
