package org.calciwatch.assessment.rules;

/** The pack under test, compiled once for all test classes. */
final class BundledPack {

    static final PackFiles FILES = PackFiles.bundled("calcification-risk", "1.0.0");

    static final RulePack PACK = RulePack.load(FILES);

    private BundledPack() {}
}
