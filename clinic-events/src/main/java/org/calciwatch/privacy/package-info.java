@NullMarked
package org.calciwatch.privacy;

import org.jspecify.annotations.NullMarked;
