/* What evaluate is told to be true: what is accepted is sorted, once, and about rows that exist. */
#include "client/measure/truth.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Two agencies of two rows each. */
static const struct corpus *corpus(void)
{
    static struct corpus c;
    static struct schema schema;
    static char path[2][128];
    static const char *const paths[2] = {path[0], path[1]};
    static const char rows[] = "record_id,family_name\n1,a\n2,b\n";
    struct err err;
    if (c.files > 0)
        return &c;
    char dir[] = "/tmp/concord-fuzz-XXXXXX";
    FUZZ_HOLDS(mkdtemp(dir) != NULL);
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s.csv", dir, i == 0 ? "AAA" : "BBB");
        FILE *f = fopen(path[i], "w");
        FUZZ_HOLDS(f != NULL && fputs(rows, f) >= 0 && fclose(f) == 0);
    }
    FUZZ_HOLDS(corpus_read(&c, &schema, paths, 2, NULL, 0, true, &err) == 0);
    for (int i = 0; i < 2; i++)
        unlink(path[i]);
    rmdir(dir);
    return &c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct truth truth;
    struct err err = {0};
    const struct corpus *c = corpus();
    if (truth_read(&truth, c, fuzz_file(data, size), &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    else
        for (size_t i = 0; i < truth.count; i++) {
            const struct truth_pair *p = &truth.pair[i];
            FUZZ_HOLDS(p->a < p->b && row_file(p->b) < c->files && row_number(p->b) < 2 && row_number(p->a) < 2);
            FUZZ_HOLDS(truth_find(&truth, p->a, p->b) == p);
        }
    truth_free(&truth);
    return 0;
}
