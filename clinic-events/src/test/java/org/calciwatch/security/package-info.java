@NullMarked
package org.calciwatch.security;

import org.jspecify.annotations.NullMarked;
