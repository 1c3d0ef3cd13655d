#include "protocol/wire/disclosure.h"

#include "protocol/wire/codec.h"

#include <string.h>

int disclosure_ask_encode(struct buf *out, const struct disclosure_ask *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "subject", in->subject);
    codec_write_uint(&w, "epoch", in->epoch);
    codec_write_bin(&w, "about", span_of(in->about, sizeof in->about));
    codec_write_bin(&w, "own", span_of(in->own, sizeof in->own));
    codec_write_uint(&w, "number", in->number);
    codec_write_uint(&w, "fields", in->fields);
    codec_write_uint(&w, "urgency", in->urgency);
    codec_write_text(&w, "basis", in->basis);
    codec_write_text(&w, "by", in->by);
    codec_write_text(&w, "reason", in->reason);
    return codec_write_end(&w);
}

int disclosure_ask_decode(struct disclosure_ask *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"subject", CODEC_UINT, &out->subject, ABOUT_MATCH, ABOUT_NOTICE, 0, NULL},
        {"epoch", CODEC_U32, &out->epoch, 0, UINT32_MAX, 0, NULL},
        {"about", CODEC_FIXED, out->about, 0, sizeof out->about, 0, NULL},
        {"own", CODEC_FIXED, out->own, 0, sizeof out->own, 0, NULL},
        {"number", CODEC_UINT, &out->number, 1, DISCLOSURE_NUMBER_MAX, 0, NULL},
        {"fields", CODEC_UINT, &out->fields, 1, (UINT64_C(1) << DISCLOSURE_FIELDS) - 1, 0, NULL},
        {"urgency", CODEC_UINT, &out->urgency, 0, 2, 0, NULL},
        {"basis", CODEC_TEXT, out->basis, 1, DISCLOSURE_CODE_MAX, 0, NULL},
        {"by", CODEC_TEXT, out->by, 1, DISCLOSURE_NAME_MAX, 0, NULL},
        {"reason", CODEC_TEXT, out->reason, 1, DISCLOSURE_TEXT_MAX, 0, NULL},
    };
    memset(out, 0, sizeof *out);
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int disclosure_answer_encode(struct buf *out, const struct disclosure_answer *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "number", in->number);
    codec_write_uint(&w, "code", in->code);
    codec_write_uint(&w, "why", in->why);
    codec_write_text(&w, "by", in->by);
    codec_write_text(&w, "second", in->second);
    codec_write_text(&w, "to", in->to);
    codec_write_text(&w, "text", in->text);
    codec_write_array(&w, "values", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        codec_write_uint(&w, "field", in->value[i].field);
        codec_write_uint(&w, "source", in->value[i].source);
        codec_write_uint(&w, "handling", in->value[i].handling);
        codec_write_text(&w, "name", in->value[i].name);
        codec_write_bin(&w, "value", in->value[i].bytes);
        codec_write_end(&w);
    }
    return codec_write_end(&w);
}

static int read_value(struct codec_cursor *cursor, struct disclosure_value *out, struct err *err)
{
    const struct codec_field fields[] = {
        {"field", CODEC_UINT, &out->field, 0, DISCLOSURE_FIELDS - 1, 0, NULL},
        {"source", CODEC_UINT, &out->source, SOURCE_FEED, DISCLOSURE_SOURCES - 1, 0, NULL},
        {"handling", CODEC_UINT, &out->handling, HANDLING_INFORMATION, DISCLOSURE_HANDLINGS - 1, 0, NULL},
        {"name", CODEC_TEXT, out->name, 0, DISCLOSURE_NAME_MAX, 0, NULL},
        {"value", CODEC_BIN, &out->bytes, 0, DISCLOSURE_VALUE_MAX, 1, NULL},
    };
    return codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
}

static int read_values(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct disclosure_answer *out = to;
    size_t bytes = 0;
    int rc = codec_read_array(cursor, "values", 0, DISCLOSURE_VALUES_MAX, &out->count, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        rc = read_value(cursor, &out->value[i], err);
        bytes += out->value[i].bytes.len;
        if (rc == 0 && i > 0 && out->value[i].field <= out->value[i - 1].field)
            rc = err_set(err, ERR_INPUT, "malformed message: field 'values' is not strictly ascending");
    }
    return rc == 0 && bytes > DISCLOSURE_ANSWER_MAX
               ? err_set(err, ERR_INPUT, "malformed message: field 'values' is longer than %u", DISCLOSURE_ANSWER_MAX)
               : rc;
}

/* What goes with each code: values with a release, an authority with a forwarding, and with nothing else. */
static int check_answer(const struct disclosure_answer *a, struct err *err)
{
    const bool releases = a->code == ANSWER_ALL || a->code == ANSWER_SOME;
    if (releases != (a->count > 0))
        return err_set(err, ERR_INPUT, "malformed message: field 'values' goes with a release, and only with one");
    if ((a->code == ANSWER_FORWARDED) != (a->to[0] != '\0'))
        return err_set(err, ERR_INPUT, "malformed message: field 'to' goes with a forwarding, and only with one");
    if ((a->code == ANSWER_NONE) != (a->why != WHY_NONE) && a->code != ANSWER_SOME)
        return err_set(err, ERR_INPUT, "malformed message: field 'why' goes with what is not released");
    return 0;
}

int disclosure_answer_decode(struct disclosure_answer *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"number", CODEC_UINT, &out->number, 1, DISCLOSURE_NUMBER_MAX, 0, NULL},
        {"code", CODEC_UINT, &out->code, ANSWER_ALL, ANSWER_CODES - 1, 0, NULL},
        {"why", CODEC_UINT, &out->why, WHY_NONE, DISCLOSURE_WHYS - 1, 0, NULL},
        {"by", CODEC_TEXT, out->by, 1, DISCLOSURE_NAME_MAX, 0, NULL},
        {"second", CODEC_TEXT, out->second, 0, DISCLOSURE_NAME_MAX, 0, NULL},
        {"to", CODEC_TEXT, out->to, 0, DISCLOSURE_NAME_MAX, 0, NULL},
        {"text", CODEC_TEXT, out->text, 0, DISCLOSURE_TEXT_MAX, 0, NULL},
        {"values", CODEC_READ, out, 0, 0, 0, read_values},
    };
    memset(out, 0, sizeof *out);
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    return rc == 0 ? check_answer(out, err) : rc;
}

int disclosure_outcome_encode(struct buf *out, const struct disclosure_outcome *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "epoch", in->epoch);
    codec_write_bin(&w, "about", span_of(in->about, sizeof in->about));
    codec_write_bin(&w, "own", span_of(in->own, sizeof in->own));
    codec_write_uint(&w, "outcome", in->outcome);
    codec_write_text(&w, "by", in->by);
    codec_write_text(&w, "text", in->text);
    return codec_write_end(&w);
}

int disclosure_outcome_decode(struct disclosure_outcome *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"epoch", CODEC_U32, &out->epoch, 0, UINT32_MAX, 0, NULL},
        {"about", CODEC_FIXED, out->about, 0, sizeof out->about, 0, NULL},
        {"own", CODEC_FIXED, out->own, 0, sizeof out->own, 0, NULL},
        {"outcome", CODEC_UINT, &out->outcome, OUTCOME_SAME_PERSON, DISCLOSURE_RESULTS - 1, 0, NULL},
        {"by", CODEC_TEXT, out->by, 1, DISCLOSURE_NAME_MAX, 0, NULL},
        {"text", CODEC_TEXT, out->text, 0, DISCLOSURE_TEXT_MAX, 0, NULL},
    };
    memset(out, 0, sizeof *out);
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int disclosure_recall_encode(struct buf *out, const struct disclosure_recall *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "number", in->number);
    codec_write_uint(&w, "step", in->step);
    codec_write_uint(&w, "why", in->why);
    codec_write_text(&w, "by", in->by);
    codec_write_text(&w, "text", in->text);
    return codec_write_end(&w);
}

int disclosure_recall_decode(struct disclosure_recall *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"number", CODEC_UINT, &out->number, 1, DISCLOSURE_NUMBER_MAX, 0, NULL},
        {"step", CODEC_UINT, &out->step, RECALL_ORDERED, RECALL_DONE, 0, NULL},
        {"why", CODEC_UINT, &out->why, RECALL_WRONG, DISCLOSURE_RECALL_WHYS - 1, 0, NULL},
        {"by", CODEC_TEXT, out->by, 1, DISCLOSURE_NAME_MAX, 0, NULL},
        {"text", CODEC_TEXT, out->text, 0, DISCLOSURE_TEXT_MAX, 0, NULL},
    };
    memset(out, 0, sizeof *out);
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
