#include "client/review/key_text.h"

#include <stdio.h>

void key_names(char *out, size_t size, const struct schema *schema, uint32_t keys)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t j = 0; j < schema->keys && len < size; j++)
        if ((keys >> j & 1) != 0)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? " " : "", schema->key[j].id);
}

json_t *key_array(const struct schema *schema, uint32_t keys)
{
    json_t *array = json_array();
    for (size_t j = 0; array != NULL && j < schema->keys; j++)
        if ((keys >> j & 1) != 0)
            json_array_append_new(array, json_string(schema->key[j].id));
    return array;
}
