@NullMarked
package org.calciwatch.notification.inbox;

import org.jspecify.annotations.NullMarked;
