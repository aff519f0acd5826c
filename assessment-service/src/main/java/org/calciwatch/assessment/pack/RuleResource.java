package org.calciwatch.assessment.pack;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import org.calciwatch.assessment.rules.Rule;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.events.AssessmentCompleted.RulePackRef;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The rules of the active pack, as people read them. */
@Path("/rules")
@RolesAllowed({Roles.PATIENT, Roles.CLINICIAN, Roles.ADMIN, Roles.INTEGRATION})
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class RuleResource {

    private final RulePacks packs;

    RuleResource(RulePacks packs) {
        this.packs = packs;
    }

    /** A page of rules with the pack they are from. */
    record RulesPage(List<Rule> items, @Nullable String next, RulePackRef rulePack) {}

    /** A rule with the pack it is from. */
    record RuleView(@JsonUnwrapped Rule rule, RulePackRef rulePack) {}

    /** The rules in knowledge-base order. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The rules of the active pack in knowledge-base order")
    public RulesPage list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        var pack = packs.active();
        var rules = pack.rules();
        int from = cursor == null ? 0 : after(cursor, rules);
        var page = Cursors.page(
                rules.subList(from, Math.min(rules.size(), from + size + 1)),
                size,
                last -> "/rules?limit=" + size + "&cursor=" + last.id());
        return new RulesPage(page.items(), page.next(), RulePacks.ref(pack));
    }

    private static int after(String cursor, List<Rule> rules) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).id().equals(cursor)) {
                return i + 1;
            }
        }
        throw HttpProblem.valueOf(Status.BAD_REQUEST, "cursor must be the id of a rule of the active pack");
    }

    /** One rule. */
    @GET
    @Path("/{ruleId}")
    @Operation(summary = "One rule: texts, condition, thresholds, references")
    public RuleView get(@PathParam("ruleId") String id) {
        var pack = packs.active();
        return pack.rule(id)
                .map(rule -> new RuleView(rule, RulePacks.ref(pack)))
                .orElseThrow(() -> HttpProblem.valueOf(
                        Status.NOT_FOUND,
                        "The active rule pack %s has no rule with this id".formatted(pack.version())));
    }
}
