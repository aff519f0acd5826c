@NullMarked
package org.calciwatch.intake.submission;

import org.jspecify.annotations.NullMarked;
