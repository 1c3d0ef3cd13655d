/* Workbooks: whatever a part holds, every row is good or rejected, and lines are counted upwards. */
#include "client/feed/feed.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/xlsx_test.h"

#include <malloc.h>

static void read_all(const char *path)
{
    const struct feed_options options = {.path = path, .lenient = true};
    struct feed *feed;
    struct record r;
    struct err err = {0};
    bool end = false;
    size_t line = 0;
    if (feed_open(&feed, &options, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return;
    }
    while (feed_next(feed, &r, &end, &err) == 0 && !end) {
        FUZZ_HOLDS(r.line > line && r.field[FIELD_RECORD_ID][0] != '\0');
        line = r.line;
        for (int f = 0; f < FIELDS; f++) {
            const char *value;
            FUZZ_HOLDS(r.more[f] < FIELD_VALUES_MAX);
            for (size_t i = 0; (value = record_value(&r, (enum field)f, i)) != NULL; i++)
                FUZZ_HOLDS(strlen(value) <= FIELD_SIZE_MAX);
        }
    }
    FUZZ_HOLDS(end || err.text[0] != '\0');
    feed_free(feed);
}

/* The first byte says which part of a good workbook the others stand in for; 5 and more: for the whole archive. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xlsx_part part[] = {
        {"xl/_rels/workbook.xml.rels", XLSX_RELATIONS, 0},
        {"xl/workbook.xml", XLSX_WORKBOOK, 0},
        {"xl/styles.xml", "<a><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></a>", 0},
        {"xl/sharedStrings.xml", "<sst><si><t>record_id</t></si><si><t>surname</t></si><si><t>dob</t></si></sst>", 0},
        {"xl/worksheets/sheet1.xml",
         "<a><row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='s'><v>2</v></c></row>"
         "<row><c><v>1</v></c><c t='s'><v>1</v></c><c s='1'><v>31839</v></c></row></a>",
         0},
    };
    const size_t parts = sizeof part / sizeof part[0];
    if (size < 2)
        return 0;
    mallopt(M_MMAP_THRESHOLD,
            64 << 20); /* blocks are used again: fetching each anew of the system takes most of the time */
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    if (data[0] >= parts) {
        read_all(fuzz_file(data + 1, size - 1));
        return 0;
    }
    part[data[0]].text = (const char *)data + 1;
    part[data[0]].len = size - 1;
    size_t len;
    uint8_t *bytes = xlsx_make(&len, part, parts, false);
    read_all(fuzz_file(bytes, len));
    free(bytes);
    return 0;
}
