#include "tests/generator/world.h"

#define DEPTH_MAX 200 /* of "the one whom an earlier record is about" */

static uint64_t below(struct random *r, uint64_t n)
{
    return random_next(r) % n;
}

/* An earlier record: of another agency, or of this very one. There may be none such among the first; then any. */
static uint64_t earlier(const struct world *w, uint64_t number, bool same_agency, struct random *r)
{
    uint64_t other = below(r, number);

    for (int i = 0; i < 16 && (other % w->agency_count == number % w->agency_count) != same_agency; i++)
        other = below(r, number);
    return other;
}

static void find(struct record *out, const struct world *w, uint64_t number, int depth)
{
    struct random r = random_stream(w->seed, STREAM_RECORD, number);
    struct record before;

    *out = (struct record){.number = number,
                           .person = number,
                           .document = NO_DOCUMENT,
                           .agency = (uint32_t)(number % w->agency_count),
                           .row = (uint32_t)(number / w->agency_count) + 1};
    if (number > 0 && depth < DEPTH_MAX && random_permille(&r, w->overlap_permille)) {
        uint32_t chance = random_below(&r, 1000);

        find(&before, w, earlier(w, number, random_permille(&r, SAME_AGENCY), &r), depth + 1);
        out->person = before.person;
        if (chance < SAME_DOCUMENT)
            out->document = before.document;
        else if (chance < SAME_DOCUMENT + NEW_DOCUMENT)
            out->document = number;
    } else if (number > 0 && depth < DEPTH_MAX && random_permille(&r, FORGED)) {
        find(&before, w, earlier(w, number, false, &r), depth + 1);
        out->document = before.document;
    } else if (random_permille(&r, DOCUMENT)) {
        out->document = number;
    }
}

void record_find(struct record *out, const struct world *w, uint64_t number)
{
    find(out, w, number, 0);
}
