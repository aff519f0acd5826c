@NullMarked
package org.calciwatch.intake.form;

import org.jspecify.annotations.NullMarked;
