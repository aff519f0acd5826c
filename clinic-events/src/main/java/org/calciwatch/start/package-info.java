/** What a service looks at before it starts. */
@NullMarked
package org.calciwatch.start;

import org.jspecify.annotations.NullMarked;
