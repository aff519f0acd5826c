@NullMarked
package org.calciwatch.assessment.detectedissue;

import org.jspecify.annotations.NullMarked;
