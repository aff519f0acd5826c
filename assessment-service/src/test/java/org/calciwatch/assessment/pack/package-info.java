@NullMarked
package org.calciwatch.assessment.pack;

import org.jspecify.annotations.NullMarked;
