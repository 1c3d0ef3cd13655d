/* Documents: numbers in the patterns of the region's issuers. */
#include "tests/generator/world.h"

#include <string.h>

const char *const document_type_name[] = {"PASSPORT", "IDCARD", "SEAMAN", "REFUGEE"};

/* a: a letter, 9: a digit, YYyymmdd: digits of the birth date; all else stands for itself. */
static void fill_pattern(char *number, const char *pattern, const struct date *born, struct random *r)
{
    static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ", places[] = "YYyymmdd";
    char digits[16];
    size_t used[256] = {0};

    snprintf(digits, sizeof(digits), "%04u%02u%02u", born->year % 10000u, born->month % 100u, born->day % 100u);
    for (; *pattern; pattern++) {
        const char *place = strchr(places, *pattern);

        *number++ = *pattern == 'a'   ? letters[random_below(r, sizeof(letters) - 1)]
                    : *pattern == '9' ? (char)('0' + random_below(r, 10))
                    : place           ? digits[(size_t)(place - places) + used[(unsigned char)*pattern]++ % 2]
                                      : *pattern;
    }
    *number = 0;
}

void document_find(struct document *out, const struct world *w, uint64_t number, const struct person *person)
{
    struct random r = random_stream(w->seed, STREAM_DOCUMENT, number);
    uint32_t chance = random_below(&r, 1000);
    const char *pattern = person->nation->passport;

    *out = (struct document){.issuer = person->nation->country};
    out->type = chance < PASSPORT                           ? DOCUMENT_PASSPORT
                : chance < PASSPORT + ID_CARD               ? DOCUMENT_ID_CARD
                : chance < PASSPORT + ID_CARD + SEAMAN_BOOK ? DOCUMENT_SEAMAN
                                                            : DOCUMENT_REFUGEE;
    if (out->type == DOCUMENT_ID_CARD)
        pattern = person->nation->id_card;
    else if (out->type != DOCUMENT_PASSPORT)
        pattern = out->type == DOCUMENT_SEAMAN ? "SB9999999" : "R9999999";
    fill_pattern(out->number, pattern, &person->born, &r);
    out->expires.year = (uint16_t)(2025 + random_below(&r, 10));
    out->expires.month = (uint8_t)(1 + random_below(&r, 12));
    out->expires.day = (uint8_t)(1 + random_below(&r, 28));
}
