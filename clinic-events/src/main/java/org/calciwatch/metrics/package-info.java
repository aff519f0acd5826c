/** Figures about what stands in the database, for whoever watches the services. */
@NullMarked
package org.calciwatch.metrics;

import org.jspecify.annotations.NullMarked;
