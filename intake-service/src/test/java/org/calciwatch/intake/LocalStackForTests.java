package org.calciwatch.intake;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import org.calciwatch.stack.LocalStackResource;

/** Gives every {@code @QuarkusTest} of this module the same real PostgreSQL and Kafka. */
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class LocalStackForTests {}
