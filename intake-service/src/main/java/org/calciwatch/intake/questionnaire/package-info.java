@NullMarked
package org.calciwatch.intake.questionnaire;

import org.jspecify.annotations.NullMarked;
