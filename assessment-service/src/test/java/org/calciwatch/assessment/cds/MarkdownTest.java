package org.calciwatch.assessment.cds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarkdownTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '\u00a7',
            quoteCharacter = '"',
            value = {
                "mmol/L§mmol/L",
                "<script>alert(1)</script>§&lt;script&gt;alert(1)&lt;/script&gt;",
                "[a](http://x.example)§\\[a\\](http\\://x.example)",
                "**bold** _it_ `code`§\\*\\*bold\\*\\* \\_it\\_ \\`code\\`",
                "www.x.example a@b.example§www\\.x.example a\\@b.example",
                "\"two\nlines\"§two lines",
                "\"\ud800\"§\ufffd"
            })
    void texts_of_a_request_show_just_their_characters(String text, String shown) {
        assertThat(Markdown.escape(text)).isEqualTo(shown);
    }
}
