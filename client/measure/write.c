#include "client/measure/tune.h"

#include <jansson.h>

int tune_write(FILE *out, const char *path, const struct schema *schema, struct err *err)
{
    json_error_t why;
    json_t *match, *root = json_load_file(path, 0, &why);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "the schema %s: %s", path, why.text);
    match = json_object_get(json_object_get(root, "judging"), pair_class_name[PAIR_MATCH]);
    for (int i = 0; i < SEEN_KINDS; i++)
        if (schema->judging.weight[PAIR_MATCH][i] != 0)
            json_object_set_new(match, seen_name[i], json_real(schema->judging.weight[PAIR_MATCH][i] / 10.0));
    json_object_set_new(match, "prior", json_real(schema->judging.prior[PAIR_MATCH] / 10.0));
    int failed = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0 || fputc('\n', out) == EOF;
    json_decref(root);
    return failed ? err_set(err, ERR_IO, "cannot write the schema") : 0;
}
