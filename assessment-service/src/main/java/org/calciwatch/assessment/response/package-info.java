@NullMarked
package org.calciwatch.assessment.response;

import org.jspecify.annotations.NullMarked;
