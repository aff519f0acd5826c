/**
 * What a patient answered, normalised: units, rounding, plausible ranges and derived values of the knowledge base,
 * sections 1.1 to 1.3, 1.7 and 1.8. Only the JDK.
 */
@NullMarked
package org.calciwatch.assessment.profile;

import org.jspecify.annotations.NullMarked;
