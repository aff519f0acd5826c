package org.calciwatch.notification.delivery;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The place of a piece of work in its trace, kept with what is to be done later: the {@code traceparent} of W3C Trace
 * Context.
 */
final class StoredTrace {

    private static final String FIELD = "traceparent";

    private StoredTrace() {}

    /** Of what runs now; empty outside of any trace. */
    static String ofCurrent() {
        Map<String, String> carrier = new HashMap<>();
        W3CTraceContextPropagator.getInstance()
                .inject(Context.current(), carrier, (to, name, value) -> carrier.put(name, value));
        return carrier.getOrDefault(FIELD, "");
    }

    /** The context to go on in; without any trace where nothing is known. */
    static Context context(String traceParent) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), traceParent, new Getter());
    }

    /** The trace's id alone: 32 hexadecimal digits, all 0 where nothing is known. */
    static String id(String traceParent) {
        return Span.fromContext(context(traceParent)).getSpanContext().getTraceId();
    }

    private static final class Getter implements TextMapGetter<String> {
        @Override
        public Iterable<String> keys(String traceParent) {
            return List.of(FIELD);
        }

        @Override
        public @Nullable String get(@Nullable String traceParent, String field) {
            return FIELD.equals(field) ? traceParent : null;
        }
    }
}
