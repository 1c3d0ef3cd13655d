/* concord-quality: makes registers, spoils others, links two files in the clear (tests/quality/quality.sh). */
#include "tests/quality/quality.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void quality_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("concord-quality: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

FILE *quality_open(const char *dir, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.csv", dir, name);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        quality_fail("cannot write %s", path);
    return f;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "link") == 0)
        linker_run(argv[2], argv[3], argv[4]);
    else if (argc == 7 && strcmp(argv[1], "western") == 0)
        western_write(argv[6], strtoull(argv[2], NULL, 10), (unsigned)strtoul(argv[3], NULL, 10),
                      strcmp(argv[4], "heavy") == 0, strtoull(argv[5], NULL, 10));
    else if (argc == 5 && strcmp(argv[1], "second") == 0)
        second_write(argv[4], strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    else if (argc == 4 && strcmp(argv[1], "spoil") == 0)
        spoil_run(argv[2], strtoull(argv[3], NULL, 10));
    else {
        fputs("usage: concord-quality western RECORDS OVERLAP light|heavy SEED DIR\n"
              "       concord-quality second RECORDS SEED DIR\n"
              "       concord-quality spoil keyboard|hearing|camera|clerk|migration|few SEED <IN.csv >OUT.csv\n"
              "       concord-quality link TRUTH.csv A.csv B.csv\n",
              stderr);
        return 2;
    }
    return 0;
}
