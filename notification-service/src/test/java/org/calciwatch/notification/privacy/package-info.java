@NullMarked
package org.calciwatch.notification.privacy;

import org.jspecify.annotations.NullMarked;
