package org.calciwatch.pages;

import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.pdfbox.pdmodel.font.PDFont;

/** Makes PDF out of XHTML: tagged, so that screen readers can read it, with the font inside. */
@Singleton
public class PdfDocuments {

    /** Of what is made. */
    public static final String MEDIA_TYPE = "application/pdf";

    /** Comes with PDFBox; has all letters of Europe. The templates name it. */
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    /** The PDF of a well-formed page that refers to nothing outside itself. */
    public byte[] of(String xhtml) {
        var pdf = new ByteArrayOutputStream();
        try {
            new PdfRendererBuilder()
                    .useFont(PdfDocuments::font, "Liberation Sans")
                    .usePdfUaAccessibility(true)
                    .withHtmlContent(xhtml, null)
                    .toStream(pdf)
                    .run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pdf.toByteArray();
    }

    private static InputStream font() {
        return Objects.requireNonNull(PDFont.class.getResourceAsStream(FONT), FONT);
    }
}
