@NullMarked
package org.calciwatch.backup;

import org.jspecify.annotations.NullMarked;
