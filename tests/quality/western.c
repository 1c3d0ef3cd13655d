/*
 * Two registers of western people with names and dates alone, and typing errors in any field, the year included: of
 * another make than tests/generator, and written without its errors. A person is in both files, or in one; a row of
 * the second is the first one's typed anew. Family names are two hundred frequent ones and those put together from
 * stems and endings, by a law of Zipf.
 */
#include "tests/quality/quality.h"

#include "tests/generator/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 64
#define FAMILIES 60000

struct person {
    char family[TEXT], given[TEXT], date[16];
    char sex;
};

static const char *const frequent[] = {
    "MUELLER", "SCHMIDT",  "SCHNEIDER", "FISCHER",  "WEBER",   "MEYER",   "WAGNER",    "BECKER",  "SCHULZ",  "HOFFMANN",
    "KOCH",    "BAUER",    "RICHTER",   "KLEIN",    "WOLF",    "NEUMANN", "SCHWARZ",   "BRAUN",   "ZIMMER",  "HOFMANN",
    "SMITH",   "JONES",    "TAYLOR",    "BROWN",    "WILSON",  "EVANS",   "THOMAS",    "JOHNSON", "ROBERTS", "WALKER",
    "WRIGHT",  "ROBINSON", "THOMPSON",  "WHITE",    "HUGHES",  "EDWARDS", "GREEN",     "HALL",    "WOOD",    "HARRIS",
    "MARTIN",  "BERNARD",  "DUBOIS",    "PETIT",    "DURAND",  "LEROY",   "MOREAU",    "LAURENT", "SIMON",   "MICHEL",
    "ROSSI",   "RUSSO",    "FERRARI",   "ESPOSITO", "BIANCHI", "ROMANO",  "COLOMBO",   "RICCI",   "MARINO",  "GRECO",
    "GARCIA",  "LOPEZ",    "MARTINEZ",  "SANCHEZ",  "PEREZ",   "GOMEZ",   "FERNANDEZ", "RUIZ",    "DIAZ",    "MORENO",
    "JANSEN",  "DE VRIES", "VAN DIJK",  "BAKKER",   "VISSER",  "SMIT",    "MEIJER",    "MULDER",  "BOS",     "VOS"};
static const char *const stems[] = {
    "BACH",  "BERG",  "BIRK",  "BLUM",  "BRAND",  "BREIT", "BUCH",   "BURG",   "DORN",  "EICH",  "ERLEN",  "FELD",
    "FINK",  "FRIED", "GOLD",  "GRAB",  "GROSS",  "HAGEN", "HART",   "HEIN",   "HELM",  "HOCH",  "HOLZ",   "KALT",
    "KIRCH", "KRAUS", "LANG",  "LICHT", "LIND",   "LOHR",  "MARK",   "MOOS",   "NORD",  "OBER",  "OST",    "REIN",
    "RIED",  "ROSEN", "ROTH",  "SAND",  "SCHOEN", "SEE",   "SILBER", "SOMMER", "STEIN", "STERN", "STROH",  "TANN",
    "THAL",  "UNTER", "VOGEL", "WALD",  "WEID",   "WEIN",  "WEISS",  "WEST",   "WIES",  "WILD",  "WINTER", "ZIEGEL"};
static const char *const endings[] = {"MANN",   "ER",    "MEIER",   "BACH",   "BERGER", "HAUSER",  "HUBER", "INGER",
                                      "KAMP",   "KE",    "LER",     "NER",    "REUTER", "SCHMIDT", "STEDT", "THALER",
                                      "WALD",   "ECKER", "EL",      "AUER",   "FELD",   "HOFER",   "HOLT",  "HORST",
                                      "KER",    "LAND",  "MUELLER", "RICH",   "SEN",    "SON",     "STEIN", "BORN",
                                      "BRECHT", "BURG",  "DORF",    "HAMMER", "HEIM",   "HOFF",    "KOPF",  "LEIN"};
static const char *const women[] = {
    "MARIA",   "URSULA",   "ANNA",     "MONIKA",    "PETRA",     "ELISABETH", "SABINE", "RENATE",
    "HELGA",   "KARIN",    "BRIGITTE", "INGRID",    "ERIKA",     "ANDREA",    "GISELA", "CLAUDIA",
    "SUSANNE", "GABRIELE", "CHRISTA",  "CHRISTINE", "HILDEGARD", "ANGELIKA",  "JULIA",  "KATHARINA",
    "SARAH",   "LAURA",    "LENA",     "LEA",       "EMMA",      "HANNAH",    "SOPHIE", "CHARLOTTE",
    "EMILY",   "OLIVIA",   "GRACE",    "ALICE",     "CHLOE",     "CAMILLE",   "MANON",  "GIULIA",
    "CHIARA",  "LUCIA",    "CARMEN",   "PILAR",     "ISABEL",    "JOHANNA",   "FRIEDA"};
static const char *const men[] = {
    "PETER",  "MICHAEL",   "THOMAS", "ANDREAS", "WOLFGANG", "CLAUS",   "JUERGEN", "GUENTER", "STEFAN", "CHRISTIAN",
    "UWE",    "WERNER",    "HORST",  "FRANK",   "DIETER",   "MANFRED", "GERHARD", "HANS",    "BERND",  "MATTHIAS",
    "MARTIN", "ALEXANDER", "JAN",    "LUKAS",   "LEON",     "FELIX",   "JONAS",   "PAUL",    "MAX",    "OLIVER",
    "JACK",   "HARRY",     "GEORGE", "WILLIAM", "JAMES",    "HENRY",   "LOUIS",   "HUGO",    "JULES",  "MARCO",
    "LUCA",   "MATTEO",    "JOSE",   "ANTONIO", "MANUEL",   "CARLOS",  "DANIEL",  "SVEN",    "KARL"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Place i of n with a chance that falls with i: the square of an even number does for Zipf. */
static size_t by_rank(struct random *r, size_t n)
{
    double x = random_below(r, 1u << 20) / (double)(1u << 20);
    return (size_t)((double)n * x * x * x);
}

static void family_name(struct random *r, char out[TEXT])
{
    size_t rank = by_rank(r, FAMILIES);
    if (rank < COUNT(frequent)) {
        snprintf(out, TEXT, "%s", frequent[rank]);
        return;
    }
    struct random name = random_stream(7, 1, rank);
    const char *stem = stems[random_below(&name, COUNT(stems))], *middle = stems[random_below(&name, COUNT(stems))];
    const char *ending = endings[random_below(&name, COUNT(endings))];
    snprintf(out, TEXT, "%s%s%s", stem, rank > 8000 && random_below(&name, 3) == 0 ? middle : "", ending);
}

static void person_make(struct person *p, uint64_t seed, uint64_t number)
{
    struct random r = random_stream(seed, 2, number);
    p->sex = random_below(&r, 2) == 0 ? 'F' : 'M';
    family_name(&r, p->family);
    for (int second = 0; second < 2; second++) {
        const char *given = p->sex == 'F' ? women[by_rank(&r, COUNT(women))] : men[by_rank(&r, COUNT(men))];
        size_t len = second ? strlen(p->given) : 0;
        if (second == 0 || random_below(&r, 6) == 0)
            snprintf(p->given + len, TEXT - len, "%s%s", second ? " " : "", given);
    }
    unsigned year = 1925 + random_below(&r, 80), month = 1 + random_below(&r, 12), day = 1 + random_below(&r, 28);
    snprintf(p->date, sizeof p->date, "%04u-%02u-%02u", year, month, day);
}

/* --- typing --- */

/* What lies beside a key. */
static char neighbour(struct random *r, char c)
{
    static const char *const rows[] = {"QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM", "1234567890"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *at = strchr(rows[i], c);
        if (at != NULL && c != '\0')
            return at == rows[i] || (at[1] != '\0' && random_below(r, 2) == 0) ? at[1] : at[-1];
    }
    return c;
}

static void mistype(struct random *r, char text[TEXT])
{
    size_t len = strlen(text), at = len > 0 ? random_below(r, (uint32_t)len) : 0;
    if (len < 2 || len + 2 > TEXT)
        return;
    switch (random_below(r, 4)) {
    case 0:
        text[at] = neighbour(r, text[at]);
        break;
    case 1:
        memmove(text + at, text + at + 1, len - at);
        break;
    case 2:
        memmove(text + at + 1, text + at, len - at + 1);
        text[at] = random_below(r, 2) == 0 ? text[at + 1] : neighbour(r, text[at + 1]);
        break;
    default:
        at = at + 1 < len ? at : at - 1;
        char c = text[at];
        text[at] = text[at + 1];
        text[at + 1] = c;
    }
}

/* A digit beside the right one, or two that change places; a date that cannot be is left for the reader to doubt. */
static void mistype_date(struct random *r, char date[16])
{
    static const uint8_t digit[] = {2, 3, 3, 3, 5, 6, 6, 8, 9, 9};
    size_t at = digit[random_below(r, COUNT(digit))], other = at == 3 ? 2 : at == 6 ? 5 : at == 9 ? 8 : at + 1;
    char c = date[at];
    if (random_below(r, 3) == 0) {
        date[at] = date[other];
        date[other] = c;
    } else
        date[at] = neighbour(r, c);
    if (random_below(r, 12) == 0)
        memmove(date + 5, (char[5]){date[8], date[9], '-', date[5], date[6]}, 5);
}

static void retype(struct person *p, struct random *r, bool heavy)
{
    unsigned errors = heavy ? 1 + random_below(r, 4) : random_below(r, 3);
    for (unsigned i = 0; i < errors; i++)
        switch (random_below(r, heavy ? 8 : 5)) {
        case 0:
        case 1:
            mistype(r, p->family);
            break;
        case 2:
        case 3:
            mistype(r, p->given);
            break;
        case 4:
        case 5:
            mistype_date(r, p->date);
            break;
        case 6:
            p->date[random_below(r, 2) == 0 ? 0 : 4] = '\0';
            break;
        default:
            if (random_below(r, 2) == 0)
                p->given[strcspn(p->given, " ")] = '\0';
            else
                family_name(r, p->family);
        }
}

static void write_row(FILE *f, const char *agency, uint64_t row, const struct person *p, bool sex)
{
    char last[3] = {',', p->sex, '\0'};
    fprintf(f, "%s-%llu,%s,%s,%s%s\n", agency, (unsigned long long)row, p->family, p->given, p->date, sex ? last : "");
}

void western_write(const char *dir, uint64_t records, unsigned overlap, bool heavy, uint64_t seed)
{
    FILE *a = quality_open(dir, "AAA"), *b = quality_open(dir, "BBB"), *truth = quality_open(dir, "truth");
    const char *head = heavy ? "record_id,family_name,given_names,date_of_birth,sex\n"
                             : "record_id,family_name,given_names,date_of_birth\n";
    struct person p;
    fputs(head, a);
    fputs(head, b);
    fputs("agency_a,record_a,agency_b,record_b,kind\n", truth);
    for (uint64_t i = 0; i < records; i++) {
        struct random r = random_stream(seed, 3, i);
        bool shared = random_below(&r, 100) < overlap;
        person_make(&p, seed, i);
        write_row(a, "A", i, &p, heavy);
        if (shared)
            fprintf(truth, "AAA,A-%llu,BBB,B-%llu,same-person\n", (unsigned long long)i, (unsigned long long)i);
        else
            person_make(&p, seed, records + i);
        retype(&p, &r, heavy);
        write_row(b, "B", i, &p, heavy);
    }
    if (fclose(a) != 0 || fclose(b) != 0 || fclose(truth) != 0)
        quality_fail("cannot write below %s", dir);
}
