@NullMarked
package org.calciwatch.events.outbox;

import org.jspecify.annotations.NullMarked;
