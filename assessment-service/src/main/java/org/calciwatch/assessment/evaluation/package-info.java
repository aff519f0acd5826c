@NullMarked
package org.calciwatch.assessment.evaluation;

import org.jspecify.annotations.NullMarked;
