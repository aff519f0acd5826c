@NullMarked
package org.calciwatch.assessment.stored;

import org.jspecify.annotations.NullMarked;
