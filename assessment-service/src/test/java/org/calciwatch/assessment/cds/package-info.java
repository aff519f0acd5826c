@NullMarked
package org.calciwatch.assessment.cds;

import org.jspecify.annotations.NullMarked;
