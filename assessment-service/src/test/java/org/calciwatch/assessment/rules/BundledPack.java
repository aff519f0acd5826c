package org.calciwatch.assessment.rules;

/** The pack under test, compiled once for all test classes. */
final class BundledPack {

    static final RulePack PACK = RulePack.bundled("calcification-risk", "1.0.0");

    private BundledPack() {}
}
