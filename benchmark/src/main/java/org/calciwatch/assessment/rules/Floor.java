package org.calciwatch.assessment.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Profile;
import org.jspecify.annotations.Nullable;

/**
 * What loading and evaluating a pack cannot take less time than, as nothing but the rule language is left: translating
 * its CQL, and walking its definitions in plain Java. It lies in this package, though in another module, to reach them
 * and the worked patients.
 */
public final class Floor {

    private final List<Expr.Definition> order;
    private final Map<String, Expr> bodies;
    private final List<Patient> patients;

    /** A profile, and every parameter of the pack for it. */
    private record Patient(Profile profile, Map<String, @Nullable Object> values) {}

    /** Translates a pack and prepares the parameters of the profiles. */
    public Floor(PackFiles files, List<Profile> profiles) {
        this.order = translate(files).definitions();
        this.bodies = order.stream().collect(Collectors.toMap(Expr.Definition::name, Expr.Definition::body));
        this.patients = profiles.stream()
                .map(profile -> new Patient(profile, values(profile)))
                .toList();
    }

    /** The answers of the patients worked out in the pack. */
    public static List<Answers> workedPatients(PackFiles files) {
        return GoldenCases.of(files).stream()
                .map(GoldenCases.GoldenCase::answers)
                .toList();
    }

    /**
     * Translates the CQL of a pack, and no more.
     *
     * @return how many definitions it has
     */
    public static int load(PackFiles files) {
        return translate(files).definitions().size();
    }

    /**
     * Every definition of the pack, each once.
     *
     * @param patient index into the profiles
     * @return how many are unknown
     */
    public int evaluate(int patient) {
        var subject = patients.get(patient);
        var walk = new Explainer(bodies, subject.values(), subject.profile());
        int unknown = 0;
        for (var definition : order) {
            if (walk.value(definition.name()) == null) {
                unknown++;
            }
        }
        return unknown;
    }

    private static CqlLibrary translate(PackFiles files) {
        var problems = new ArrayList<RulePackRejected.Problem>();
        var library = CqlLibrary.compile(PackFiles.CQL, files.text(PackFiles.CQL), problems);
        if (library == null) {
            throw new RulePackRejected(problems);
        }
        return library;
    }

    private static Map<String, @Nullable Object> values(Profile profile) {
        var values = new HashMap<String, @Nullable Object>();
        RuleInput.ALL.forEach(input -> values.put(input.name(), input.value().apply(profile)));
        return values;
    }
}
