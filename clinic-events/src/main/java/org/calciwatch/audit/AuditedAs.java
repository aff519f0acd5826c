package org.calciwatch.audit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an endpoint does, where its HTTP method does not say. Every endpoint is audited; without this one a GET is a
 * READ, a PUT an UPDATE, a DELETE a DELETE and a POST an EXECUTE.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface AuditedAs {
    Action value();
}
