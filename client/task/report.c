#include "client/task/report.h"

#include "client/review/judged.h"
#include "client/review/key_text.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <string.h>

static const char *const reasons[] = {
    [QUERY_ASKS_USED] = "asks",
    [QUERY_SUSPENDED] = "suspended",
    [QUERY_EXCEPTED] = "excepted",
    [QUERY_REJOINING] = "rejoining",
};

const char *report_unasked_word(enum query_reason reason)
{
    return reasons[reason];
}

const char *report_sentence(const char *word)
{
    static const char *const sentences[][2] = {
        {"valid", N_("has this document among those that are valid")},
        {"unknown", N_("has issued no such document that is valid")},
        {"old", N_("does not have it, but its register is too old to say so")},
        {"not-asked", N_("was not asked")},
        {"not-enough", N_("can tell its documents only by number and full date of birth")},
        {"own", N_("is this agency: its own register is not asked here")},
        {"asks", N_("was not asked: the day's questions to it are used up")},
        {"suspended", N_("was not asked: one of the two has suspended the other")},
        {"excepted", N_("was not to be asked")},
        {"rejoining", N_("was not asked: the two are being joined anew; look again soon")},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i][0], word) == 0)
            return sentences[i][1];
    return N_("gave no answer");
}

static json_t *match_json(const struct answer_hit *hit)
{
    const struct vault_match m = verdict_match(hit);
    char handle[2 * HANDLE_SIZE + 1];
    return json_pack("{s:s, s:s, s:i, s:s, s:o, s:s, s:o}", "purpose", hit->purpose->region->name, "partner", m.partner,
                     "score", (int)m.score, "kind", match_kind_name((enum match_kind)m.kind), "keys",
                     key_array(&hit->purpose->schema, m.keys), "handle", bytes_to_hex(handle, m.handle, HANDLE_SIZE),
                     "judged", judged_object(hit->pair.number != 0 ? &hit->pair : NULL));
}

/* {"IDN": 2}: of what there is some. */
static json_t *by_partner(const struct region *r, const uint64_t *count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < r->agency_count; i++)
        if (count[i] > 0)
            json_object_set_new(object, r->agencies[i].name, json_integer((json_int_t)count[i]));
    return object;
}

static json_t *registers_json(const struct agency *a, const struct answer_verdict *v)
{
    json_t *list = json_array();
    char time[CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < v->registers; i++) {
        const struct verdict_register *r = &v->of[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s*}", "purpose", r->purpose->region->name, "issuer",
                            r->declared->issuer, "partner", a->region->agencies[r->declared->agency].name, "state",
                            register_state_word[r->state], "as_of", r->time != 0 ? clock_text(time, r->time) : NULL));
    }
    return list;
}

static const char *word_of(const struct answer *answer, const struct answer_verdict *v)
{
    return answer->refused_all > 0 ? "refused" : v->word > VERDICT_OPEN ? "hit" : v->full ? "miss" : "open";
}

json_t *report_answer(const struct agency *a, const struct answer *answer, const struct answer_verdict *v)
{
    json_t *hits = json_array(), *unasked = json_array(), *skipped = json_array(), *ungranted = json_array(),
           *denied = json_array();
    for (size_t i = 0; i < answer->hits; i++)
        if (verdict_shows(&answer->hit[i]))
            json_array_append_new(hits, match_json(&answer->hit[i]));
    for (size_t i = 0; i < answer->unasked_count; i++)
        json_array_append_new(unasked, json_pack("{s:s, s:s, s:s}", "purpose", answer->unasked[i].purpose->region->name,
                                                 "partner", answer->unasked[i].partner, "reason",
                                                 report_unasked_word(answer->unasked[i].reason)));
    for (size_t i = 0; i < a->purposes; i++)
        if (answer->keyless[i])
            json_array_append_new(skipped, json_string(a->purpose[i].region->name));
    for (size_t i = 0; i < a->purposes; i++) {
        const char *name = a->purpose[i].region->name;
        if (answer->ungranted[i])
            json_array_append_new(ungranted, json_string(name));
        if (answer->denied[i] != NULL)
            json_array_append_new(denied, json_pack("{s:s, s:s}", "purpose", name, "reason", answer->denied[i]));
    }
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "answer", word_of(answer, v),
                     "verdict", verdict_word[v->word], "full", (int)v->full, "registers", registers_json(a, v), "hits",
                     hits, "unasked", unasked, "skipped", skipped, "ungranted", ungranted, "denied", denied, "cut",
                     (int)answer->cut, "unopened", by_partner(a->region, answer->unopened), "refused",
                     by_partner(a->region, answer->refused));
}
