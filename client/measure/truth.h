/* What is known to be so: pairs of records and what they are, from a CSV file agency_a,record_a,agency_b,record_b,kind.
 */
#ifndef CLIENT_MEASURE_TRUTH_H
#define CLIENT_MEASURE_TRUTH_H

#include "client/measure/corpus.h"

enum truth_kind { TRUTH_NONE, TRUTH_SAME_PERSON, TRUTH_SAME_DOCUMENT_OTHER_PERSON, TRUTH_KINDS };

struct truth_pair {
    row_ref a, b; /* a < b */
    enum truth_kind kind;
    uint32_t shared; /* keys, filled by the measurement */
    bool found;
};

struct truth {
    struct truth_pair *pair; /* sorted, each once */
    size_t count, room;
    size_t elsewhere; /* lines about agencies that are not measured, or, of several files, about one agency alone */
};

/* "same-person", "same-document-other-person" */
extern const char *const truth_kind_name[TRUTH_KINDS];

/* ERR_INPUT names the line: no such record, no such kind, not five columns. */
int truth_read(struct truth *out, const struct corpus *corpus, const char *path, struct err *err);
void truth_free(struct truth *truth);

/* NULL if nothing is known of the pair. */
struct truth_pair *truth_find(const struct truth *truth, row_ref a, row_ref b);

/* Can this be said of a pair of that kind? */
bool truth_agrees(enum truth_kind truth, enum match_kind said);

#endif
