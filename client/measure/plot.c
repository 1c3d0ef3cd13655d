/* Precision against recall, a point for each score. */
#include "client/measure/report.h"

#include "protocol/base/file.h"

#include <math.h>

#define LEFT 70
#define TOP 40
#define SIDE 420
#define PLOT_BYTES_MAX (1u << 20)

/* The axes begin below the worst point, so that what differs can be seen. */
static double axis_start(const struct measurement *e, double (*measure)(const struct counts *))
{
    double least = 1;
    for (size_t i = 0; i < report_scores; i++) {
        struct counts t = measurement_at(e, report_score[i]);
        if (t.reported > 0)
            least = fmin(least, measure(&t));
    }
    return fmax(0, floor(least * 20 - 0.5) / 20);
}

static int axis(struct buf *svg, double start, bool vertical, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i <= 5; i++) {
        double value = start + (1 - start) * i / 5;
        int at = SIDE * i / 5, x = vertical ? LEFT : LEFT + at, y = vertical ? TOP + SIDE - at : TOP + SIDE;
        rc = buf_printf(svg, err,
                        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>"
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%.3g</text>\n",
                        x, y, vertical ? LEFT + SIDE : x, vertical ? y : TOP, vertical ? LEFT - 8 : x,
                        vertical ? y + 4 : y + 18, vertical ? "end" : "middle", value);
    }
    return rc;
}

static int points(struct buf *svg, const struct measurement *e, double x0, double y0, struct err *err)
{
    int rc = buf_printf(svg, err, "<polyline fill=\"none\" stroke=\"#0b5394\" stroke-width=\"2\" points=\"");
    for (int pass = 0; rc == 0 && pass < 2; pass++) {
        for (size_t i = 0; rc == 0 && i < report_scores; i++) {
            struct counts t = measurement_at(e, report_score[i]);
            double x = LEFT + SIDE * (counts_recall(&t) - x0) / (1 - x0),
                   y = TOP + SIDE * (1 - counts_precision(&t)) / (1 - y0);
            if (t.reported == 0)
                continue;
            rc = pass == 0 ? buf_printf(svg, err, "%.1f,%.1f ", x, y)
                           : buf_printf(svg, err,
                                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"#0b5394\"><title>score %u: "
                                        "precision %.4f, recall %.4f, F1 %.4f</title></circle>\n",
                                        x, y, report_score[i], counts_precision(&t), counts_recall(&t), counts_f1(&t));
        }
        if (rc == 0 && pass == 0)
            rc = buf_printf(svg, err, "\"/>\n");
    }
    return rc;
}

int report_plot(const char *path, const struct measurement *measurement, struct err *err)
{
    struct buf svg = buf_of(PLOT_BYTES_MAX);
    double x0 = axis_start(measurement, counts_recall), y0 = axis_start(measurement, counts_precision);
    int rc =
        buf_printf(&svg, err,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
                   "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
                   "<text x=\"%d\" y=\"24\" font-size=\"14\">schema %s: precision against recall by score</text>\n",
                   LEFT + SIDE + 30, TOP + SIDE + 60, LEFT, measurement->corpus->schema->name);
    if (rc == 0)
        rc = axis(&svg, x0, false, err);
    if (rc == 0)
        rc = axis(&svg, y0, true, err);
    if (rc == 0)
        rc = buf_printf(&svg, err,
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">recall</text>\n<text x=\"16\" y=\"%d\" "
                        "transform=\"rotate(-90 16 %d)\" text-anchor=\"middle\">precision</text>\n",
                        LEFT + SIDE / 2, TOP + SIDE + 45, TOP + SIDE / 2, TOP + SIDE / 2);
    if (rc == 0)
        rc = points(&svg, measurement, x0, y0, err);
    if (rc == 0)
        rc = buf_printf(&svg, err, "</svg>\n");
    if (rc == 0)
        rc = file_write(path, svg.data, svg.len, 0644, err);
    buf_free(&svg);
    return rc;
}
