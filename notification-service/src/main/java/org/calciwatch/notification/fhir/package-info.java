@NullMarked
package org.calciwatch.notification.fhir;

import org.jspecify.annotations.NullMarked;
