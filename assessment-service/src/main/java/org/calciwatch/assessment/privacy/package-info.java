@NullMarked
package org.calciwatch.assessment.privacy;

import org.jspecify.annotations.NullMarked;
