@NullMarked
package org.calciwatch.audit;

import org.jspecify.annotations.NullMarked;
