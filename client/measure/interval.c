/*
 * Intervals by bootstrap: the records of the first file of each pair are drawn anew with replacement, as often as a
 * Poisson variable of mean 1 says, with all pairs that they are in.
 */
#include "client/measure/report.h"

#include <stdlib.h>

#define REPLICATES 200
#define TAIL (REPLICATES / 40) /* 2.5 per cent */

static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t times_drawn(row_ref row, uint64_t replicate)
{
    static const double up_to[] = {0.3679, 0.7358, 0.9197, 0.9810, 0.9963, 0.9994};
    double x = (double)(mix(row ^ mix(replicate + 1)) >> 11) / (double)(UINT64_C(1) << 53);
    uint64_t times = 0;
    while (times < sizeof up_to / sizeof up_to[0] && x > up_to[times])
        times++;
    return times;
}

static struct counts draw(const struct measurement *e, uint64_t replicate)
{
    struct counts t = {0};
    for (size_t i = 0; i < e->findings; i++) {
        const struct finding *f = &e->finding[i];
        uint64_t times = f->reported ? times_drawn(f->a, replicate) : 0;
        t.reported += times;
        t.correct += truth_agrees((enum truth_kind)f->truth, (enum match_kind)f->kind) ? times : 0;
    }
    for (size_t i = 0; i < e->truth->count; i++)
        t.truth += times_drawn(e->truth->pair[i].a, replicate);
    return t;
}

static int compare_numbers(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct interval measurement_interval(const struct measurement *measurement, double (*number)(const struct counts *))
{
    double value[REPLICATES];
    for (uint64_t r = 0; r < REPLICATES; r++) {
        struct counts t = draw(measurement, r);
        value[r] = number(&t);
    }
    qsort(value, REPLICATES, sizeof value[0], compare_numbers);
    return (struct interval){value[TAIL], value[REPLICATES - 1 - TAIL]};
}
