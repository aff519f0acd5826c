package org.calciwatch.notification.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response.Status;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.calciwatch.audit.Access;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.routing.RoutingTable.Row;
import org.calciwatch.notification.routing.RoutingTable.Step;
import org.calciwatch.notification.routing.RoutingTable.When;
import org.calciwatch.security.Caller;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of what, by the table in force. It is read anew for every flag, so that all instances of the service go by
 * the same one as soon as it is stored.
 */
@ApplicationScoped
public class Routing {

    /** What the table is called in the audit trail. */
    static final String AUDITED_AS = "routing";

    private static final Logger LOG = Logger.getLogger(Routing.class);

    private final RoutingTableRepository tables;
    private final NotificationConfig config;
    private final Access access;
    private final Caller caller;
    private final ObjectMapper json;
    private final Event<RoutingChanged> changed;
    private final Clock clock;

    Routing(
            RoutingTableRepository tables,
            NotificationConfig config,
            Access access,
            Caller caller,
            ObjectMapper json,
            Event<RoutingChanged> changed,
            Clock clock) {
        this.tables = tables;
        this.config = config;
        this.access = access;
        this.caller = caller;
        this.json = json;
        this.changed = changed;
        this.clock = clock;
    }

    /**
     * The table in force.
     *
     * @param version 0 for the one made of the settings, where none was stored yet
     * @param by who stored it; null for the one made of the settings
     * @param since null for the one made of the settings
     */
    record InForce(
            int version,
            RoutingTable table,
            @Nullable String by,
            @Nullable Instant since) {}

    /** Before the first event is consumed. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        refuseUnusable(config);
    }

    /**
     * Checks the settings of which the table is made where none was stored.
     *
     * @throws ConfigurationException naming the first that cannot be used; logged by Quarkus as one line, the process
     *     ends with exit code 1
     */
    static void refuseUnusable(NotificationConfig config) {
        refuseUnusable("calciwatch.clinicians", config.clinicians());
        refuseUnusable("calciwatch.leads", config.leads());
        refuseUnusable(
                "calciwatch.escalation.default-after", config.escalation().defaultAfter());
        refuseUnusable("calciwatch.escalation.repeat", config.escalation().repeat());
    }

    private static void refuseUnusable(String setting, List<String> addresses) {
        for (int i = 0; i < addresses.size(); i++) {
            if (!RoutingTableReader.isAddress(addresses.get(i))) {
                throw new ConfigurationException(setting + " must be one or more e-mail addresses without names, with"
                        + " commas between, such as lead@clinic.example; number " + (i + 1) + " is none");
            }
        }
        if (addresses.isEmpty()) {
            throw new ConfigurationException(
                    setting + " must be one or more e-mail addresses, such as lead@clinic.example; there is none");
        }
    }

    private static void refuseUnusable(String setting, Duration duration) {
        if (!RoutingTableReader.isAfter(duration)) {
            throw new ConfigurationException(
                    setting + " must be a duration of more than 0 and at most 7 days, such as PT30M");
        }
    }

    /**
     * Who hears of a flag.
     *
     * @param category of its headline rule
     * @param clinic null when it is not known; then only rows for all clinics match
     */
    public Route route(Severity severity, String category, @Nullable String clinic) {
        var table = inForce().table();
        return route(table, table.match(severity, category, clinic));
    }

    /**
     * What a row of a table says.
     *
     * @param row from 0; empty for the fallback
     */
    Route route(RoutingTable table, OptionalInt row) {
        return new Route(
                table,
                row,
                config.escalation().defaultAfter(),
                config.escalation().repeat());
    }

    /** The e-mail addresses that hear of what nobody else can be told of, never empty. */
    public List<String> fallback() {
        return inForce().table().fallback();
    }

    /** When the next digest after a moment is due. */
    public Instant nextDigestAfter(Instant moment) {
        return inForce().table().nextDigestAfter(moment);
    }

    /** The zone whose days the digest counts. */
    public ZoneId zone() {
        return inForce().table().digestZone();
    }

    /** The newest table, or the one made of the settings. */
    InForce inForce() {
        return tables.newest().map(this::inForce).orElseGet(this::madeOfSettings);
    }

    /** A table that is in force or was; empty when there never was one with this version. */
    Optional<InForce> version(int version) {
        return version == 0
                ? Optional.of(madeOfSettings())
                : tables.findByIdOptional(version).map(this::inForce);
    }

    private InForce inForce(StoredTable stored) {
        return new InForce(stored.version, read(stored), stored.changedBy, stored.changedAt);
    }

    private InForce madeOfSettings() {
        return new InForce(0, ofSettings(), null, null);
    }

    private RoutingTable ofSettings() {
        var any = List.of(RoutingTable.ANY);
        var leads = config.leads();
        return new RoutingTable(
                List.of(new Row(
                        any,
                        any,
                        any,
                        config.clinicians(),
                        When.IMMEDIATELY,
                        List.of(new Step(config.escalation().defaultAfter(), leads)))),
                leads,
                null,
                null,
                List.of());
    }

    /** Not checked again: a table must not stop to be read because a later version of the service is stricter. */
    private RoutingTable read(StoredTable stored) {
        try {
            return json.readValue(stored.document, RoutingTable.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Routing table " + stored.version + " cannot be read", e);
        }
    }

    /**
     * Puts a table in force, in all instances from the end of this transaction on, and records who did it.
     *
     * @param expected the version it was made from
     * @throws HttpProblem 412 when that is not the version in force
     */
    @Transactional
    InForce replace(int expected, RoutingTable table) {
        var inForce = tables.newest().map(stored -> stored.version).orElse(0);
        var version = expected + 1;
        var now = clock.instant();
        if (expected != inForce || !tables.add(version, asJson(table), caller.name(), now)) {
            throw HttpProblem.valueOf(
                    Status.PRECONDITION_FAILED,
                    "Somebody else has changed the routing table since you read it. GET /routing shows what is in force"
                            + " now, with its ETag; make your change to that one.");
        }
        access.entity(AUDITED_AS, version);
        access.recordNow(200);
        changed.fire(new RoutingChanged(version));
        LOG.infof("Routing table %d is in force", version);
        return new InForce(version, table, caller.name(), now);
    }

    private String asJson(RoutingTable table) {
        try {
            return json.writeValueAsString(table);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
