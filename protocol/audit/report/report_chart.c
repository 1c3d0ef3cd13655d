#include "protocol/audit/report/report.h"
#include "protocol/base/clock.h"

#include <inttypes.h>

#define WIDTH 720
#define HEIGHT 150
#define LEFT 56
#define TOP 24
#define BOTTOM 24
#define PLOT_WIDTH (WIDTH - LEFT - 8)
#define COLUMNS_MIN 24 /* so that a short time is not drawn as a wall */
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)

/* The least of 1, 2, 5 times a power of ten that is not below the value: where the scale ends. */
static uint64_t scale_end(uint64_t value)
{
    uint64_t power = 1;
    while (power <= value / 10 && power < UINT64_MAX / 10)
        power *= 10;
    return value <= power ? power : value <= 2 * power ? 2 * power : value <= 5 * power ? 5 * power : 10 * power;
}

void report_number(FILE *out, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            putc(',', out);
        putc(digits[i], out);
    }
}

/* 12000 as "12k". */
static void print_short(FILE *out, uint64_t value)
{
    static const char unit[] = " kMGTPE";
    size_t at = 0;
    for (; value >= 10000 && value % 1000 == 0 && at + 1 < sizeof unit - 1; value /= 1000)
        at++;
    fprintf(out, "%" PRIu64, value);
    if (at > 0)
        putc(unit[at], out);
}

static void print_time(FILE *out, const struct report_chart *c, size_t column)
{
    char text[CLOCK_TEXT_SIZE];
    clock_text(text, (c->first + column) * c->step);
    fprintf(out, "%.10s", text);
    if (c->step < 86400)
        fprintf(out, " %.5s", text + 11);
}

static size_t shown(const struct report_chart *c)
{
    return c->count < COLUMNS_MIN ? COLUMNS_MIN : c->count;
}

static void print_scale(FILE *out, const struct report_chart *c, uint64_t top)
{
    for (int i = 0; i <= 2; i++) {
        int y = TOP + PLOT_HEIGHT - PLOT_HEIGHT * i / 2;
        fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s\"/>", LEFT, y, LEFT + PLOT_WIDTH, y,
                i == 0 ? "axis" : "grid");
        if (i == 1 && top % 2 != 0)
            continue;
        fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 6, y + 4);
        print_short(out, top / 2 * (uint64_t)i + (i == 2 ? top % 2 : 0));
        fprintf(out, "</text>");
    }
    fprintf(out, "<text x=\"%d\" y=\"%d\">", LEFT, HEIGHT - 6);
    print_time(out, c, 0);
    fprintf(out, "</text>");
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT + PLOT_WIDTH, HEIGHT - 6);
    print_time(out, c, shown(c) - 1);
    fprintf(out, "</text>");
}

void report_chart(FILE *out, const struct report_chart *chart)
{
    uint64_t most = 1, sum = 0;
    double column = (double)PLOT_WIDTH / (double)shown(chart), gap = column > 3 ? 1 : 0;
    for (size_t i = 0; i < chart->count; i++) {
        most = chart->value[i] > most ? chart->value[i] : most;
        sum += chart->value[i];
    }
    uint64_t top = scale_end(most);
    fprintf(out,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s: %" PRIu64
            " %s\"><text x=\"%d\" y=\"14\" class=\"title\">%s"
            "</text><text x=\"%d\" y=\"14\" text-anchor=\"end\">",
            WIDTH, HEIGHT, chart->title, sum, chart->unit, LEFT, chart->title, LEFT + PLOT_WIDTH);
    report_number(out, sum);
    fprintf(out, " %s</text>", chart->unit);
    print_scale(out, chart, top);
    for (size_t i = 0; i < chart->count; i++) {
        double height = (double)PLOT_HEIGHT * (double)chart->value[i] / (double)top;
        if (chart->value[i] == 0)
            continue;
        if (height < 1)
            height = 1;
        fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"><title>",
                LEFT + column * (double)i, TOP + PLOT_HEIGHT - height, column - gap, height, chart->colour);
        print_time(out, chart, i);
        fprintf(out, ": %" PRIu64 " %s</title></rect>", chart->value[i], chart->unit);
    }
    fprintf(out, "</svg>\n");
}
