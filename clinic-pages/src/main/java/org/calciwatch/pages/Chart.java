package org.calciwatch.pages;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values over time with the usual range as a band, in the coordinates of an SVG of {@link #WIDTH} by {@link #HEIGHT}.
 *
 * @param line the points of the line through all values, as {@code x,y x,y}
 */
public record Chart(@Nullable Band band, String line, List<Dot> dots, List<Mark> days) {

    static final int WIDTH = 320;
    static final int HEIGHT = 170;

    private static final double LEFT = 52;
    private static final double RIGHT = WIDTH - 28;
    private static final double TOP = 26;
    private static final double BOTTOM = HEIGHT - 40;
    private static final double CAPTION = HEIGHT - 12;

    /** Two labels closer than this would run into each other. */
    private static final double LABEL_WIDTH = 42;

    /** Room above and below the values and the band, as part of what they span. */
    private static final double MARGIN = 0.12;

    /** The usual range. */
    public record Band(String top, String height, List<Mark> limits) {}

    /** A value; the label is empty where there is no room for it, the last one always has one. */
    public record Dot(String x, String y, String labelY, String label) {}

    /** A text at a place. */
    public record Mark(String x, String y, String text, String anchor) {}

    /** What is usual; null where there is no limit. */
    public record Range(@Nullable BigDecimal low, @Nullable BigDecimal high) {}

    /** A value to be drawn, with its texts. */
    public record Point(LocalDate day, String dayText, BigDecimal value, String valueText) {}

    /**
     * The chart of these values.
     *
     * @param points at least one, the oldest first
     * @param usual null where there is no usual range
     */
    public static Chart of(List<Point> points, @Nullable Range usual, Localised localised) {
        var scale = Scale.of(points, usual);
        var dots = new ArrayList<Dot>();
        double free = Double.MAX_VALUE;
        for (var point : points.reversed()) {
            double x = scale.x(point.day());
            double y = scale.y(point.value().doubleValue());
            boolean hasRoom = x <= free;
            if (hasRoom) {
                free = x - LABEL_WIDTH;
            }
            dots.addFirst(new Dot(text(x), text(y), text(y - 9), hasRoom ? point.valueText() : ""));
        }
        return new Chart(
                usual == null ? null : band(usual, scale, localised),
                dots.stream().map(dot -> dot.x() + "," + dot.y()).collect(Collectors.joining(" ")),
                dots,
                days(points, scale));
    }

    private static Band band(Range usual, Scale scale, Localised localised) {
        double top = usual.high() == null ? TOP : scale.y(usual.high().doubleValue());
        double bottom = usual.low() == null ? BOTTOM : scale.y(usual.low().doubleValue());
        var limits = new ArrayList<Mark>();
        if (usual.high() != null) {
            limits.add(new Mark(text(LEFT - 6), text(top + 4), localised.number(usual.high()), "end"));
        }
        if (usual.low() != null) {
            limits.add(new Mark(text(LEFT - 6), text(bottom + 4), localised.number(usual.low()), "end"));
        }
        return new Band(text(top), text(bottom - top), limits);
    }

    private static List<Mark> days(List<Point> points, Scale scale) {
        var first = points.getFirst();
        var last = points.getLast();
        if (first.day().equals(last.day())) {
            return List.of(new Mark(text(scale.x(first.day())), text(CAPTION), first.dayText(), "middle"));
        }
        return List.of(
                new Mark(text(LEFT), text(CAPTION), first.dayText(), "start"),
                new Mark(text(RIGHT), text(CAPTION), last.dayText(), "end"));
    }

    private static String text(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }

    /** From days and values to coordinates. */
    private record Scale(LocalDate first, long days, double low, double high) {

        static Scale of(List<Point> points, @Nullable Range usual) {
            var values = new ArrayList<Double>();
            points.forEach(point -> values.add(point.value().doubleValue()));
            if (usual != null && usual.low() != null) {
                values.add(usual.low().doubleValue());
            }
            if (usual != null && usual.high() != null) {
                values.add(usual.high().doubleValue());
            }
            double low = values.stream().mapToDouble(value -> value).min().orElseThrow();
            double high = values.stream().mapToDouble(value -> value).max().orElseThrow();
            // One value alone, or the same again and again, stands in the middle.
            double margin = high > low ? (high - low) * MARGIN : Math.max(Math.abs(high) * MARGIN, 1);
            var first = points.getFirst().day();
            return new Scale(
                    first, ChronoUnit.DAYS.between(first, points.getLast().day()), low - margin, high + margin);
        }

        double x(LocalDate day) {
            return days == 0 ? (LEFT + RIGHT) / 2 : LEFT + (RIGHT - LEFT) * ChronoUnit.DAYS.between(first, day) / days;
        }

        double y(double value) {
            return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low);
        }
    }
}
