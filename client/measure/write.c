#include "client/measure/tune.h"

#include <jansson.h>
#include <math.h>

/* Tenths are as exact as any data make them. */
static json_t *bits_json(double bits)
{
    return json_real(round(10 * bits) / 10);
}

static void set_evidence(json_t *evidence, const struct schema *s)
{
    const char *name;
    json_t *value;
    size_t i = 0;
    json_object_foreach(evidence, name, value)
    {
        const struct schema_evidence *e = &s->evidence[i++];
        bool one = fabs(e->best - e->falls_short) < 0.05;
        json_t *bits = one ? bits_json(e->best) : json_pack("[o, o]", bits_json(e->best), bits_json(e->falls_short));
        json_object_set_new(evidence, name, bits);
    }
}

int tune_write(FILE *out, const char *path, const struct schema *schema, struct err *err)
{
    json_error_t why;
    size_t j;
    json_t *key, *against = json_object(), *root = json_load_file(path, 0, &why);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "the schema %s: %s", path, why.text);
    set_evidence(json_object_get(root, "evidence"), schema);
    for (int g = 0; g < GROUPS; g++)
        if (schema->against[g] != 0)
            json_object_set_new(against, part_group_name[g], bits_json(schema->against[g]));
    json_object_set_new(root, "against", against);
    json_object_set_new(root, "same_document", bits_json(schema->same_document));
    json_array_foreach(json_object_get(root, "keys"), j, key)
        json_object_set_new(key, "weight", json_integer((json_int_t)schema->key[j].weight));
    int failed = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0 || fputc('\n', out) == EOF;
    json_decref(root);
    return failed ? err_set(err, ERR_IO, "cannot write the schema") : 0;
}
