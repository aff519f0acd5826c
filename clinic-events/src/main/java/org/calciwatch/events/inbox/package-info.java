@NullMarked
package org.calciwatch.events.inbox;

import org.jspecify.annotations.NullMarked;
