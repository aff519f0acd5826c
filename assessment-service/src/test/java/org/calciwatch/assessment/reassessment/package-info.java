@NullMarked
package org.calciwatch.assessment.reassessment;

import org.jspecify.annotations.NullMarked;
