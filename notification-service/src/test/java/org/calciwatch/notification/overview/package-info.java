@NullMarked
package org.calciwatch.notification.overview;

import org.jspecify.annotations.NullMarked;
