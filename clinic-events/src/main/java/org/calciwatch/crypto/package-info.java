@NullMarked
package org.calciwatch.crypto;

import org.jspecify.annotations.NullMarked;
