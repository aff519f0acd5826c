@NullMarked
package org.calciwatch.notification.webhook;

import org.jspecify.annotations.NullMarked;
