@NullMarked
package org.calciwatch.intake.fhir;

import org.jspecify.annotations.NullMarked;
