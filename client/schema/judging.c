#include "client/schema/judging.h"

#include <math.h>
#include <string.h>

/* Bits with tenths, as a whole number of tenths. */
static int read_tenths(int16_t *out, const char *name, json_t *value, struct err *err)
{
    double bits = json_number_value(value);
    if (!json_is_number(value) || !(fabs(bits) <= JUDGING_MOST / 10.0))
        return err_set(err, ERR_INPUT, "judging: %.40s is no number of bits from -%d to %d", name, JUDGING_MOST / 10,
                       JUDGING_MOST / 10);
    *out = (int16_t)lround(10 * bits);
    return 0;
}

static int read_class(struct judging *out, enum pair_class class, json_t *in, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(in, name, value)
    {
        int i = 0, rc;
        while (i < SEEN_KINDS && strcmp(seen_name[i], name) != 0)
            i++;
        bool prior = strcmp(name, "prior") == 0;
        if (i == SEEN_KINDS && !prior)
            return err_set(err, ERR_INPUT, "judging: %.40s of %s is nothing that is seen of a pair", name,
                           pair_class_name[class]);
        rc = read_tenths(prior ? &out->prior[class] : &out->weight[class][i], name, value, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int judging_read(struct judging *out, json_t *in, struct err *err)
{
    json_t *match = NULL, *relative = NULL, *namesake = NULL, *overlap = NULL, *least = NULL;
    json_error_t why;
    memset(out, 0, sizeof *out);
    if (in == NULL)
        return 0;
    if (json_unpack_ex(in, &why, JSON_STRICT, "{s:o, s:o, s:o, s?o, s?o}", "overlap", &overlap, "least_records", &least,
                       "match", &match, "relative", &relative, "namesake", &namesake) != 0)
        return err_set(err, ERR_INPUT, "judging: %s", why.text);
    int rc = read_tenths(&out->overlap, "overlap", overlap, err);
    if (rc == 0)
        rc = read_tenths(&out->least_records, "least_records", least, err);
    if (rc == 0)
        rc = read_class(out, PAIR_MATCH, match, err);
    out->prior[PAIR_RELATIVE] = out->prior[PAIR_NAMESAKE] = -JUDGING_MOST; /* unless the schema has them */
    if (rc == 0 && relative != NULL)
        rc = read_class(out, PAIR_RELATIVE, relative, err);
    if (rc == 0 && namesake != NULL)
        rc = read_class(out, PAIR_NAMESAKE, namesake, err);
    return rc;
}
