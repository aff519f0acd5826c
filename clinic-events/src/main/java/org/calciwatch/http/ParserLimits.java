package org.calciwatch.http;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** What JSON may look like at most, whoever sent it; how large a body may be is said where it is taken. */
@Singleton
class ParserLimits implements ObjectMapperCustomizer {

    /** A response with every group nested is about 12 deep, a Bundle with one inside about 20. */
    private static final int DEEPEST = 64;

    /** Of characters: a chart's largest text, a narrative or a file in base64, in the largest body of JSON (4 MiB). */
    private static final int LONGEST_TEXT = 4 * 1024 * 1024;

    /** Of digits: reading a number takes time that grows faster than its length. */
    private static final int LONGEST_NUMBER = 1000;

    private static final int LONGEST_NAME = 1000;

    @Override
    public void customize(ObjectMapper json) {
        json.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxStringLength(LONGEST_TEXT)
                        .maxNumberLength(LONGEST_NUMBER)
                        .maxNameLength(LONGEST_NAME)
                        .build());
    }
}
