/* Workbooks: whatever a part holds, every row is good or rejected, and lines are counted upwards. */
#include "tests/fuzz/feed_rows.h"
#include "tests/unit/xlsx_test.h"

#include <malloc.h>

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
        fuzz_feed_rows(fuzz_file(data + 1, size - 1), NULL);
        return 0;
    }
    part[data[0]].text = (const char *)data + 1;
    part[data[0]].len = size - 1;
    size_t len;
    uint8_t *bytes = xlsx_make(&len, part, parts, false);
    fuzz_feed_rows(fuzz_file(bytes, len), NULL);
    free(bytes);
    return 0;
}
