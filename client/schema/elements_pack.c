#include "client/schema/elements_pack.h"

#include "protocol/base/cursor.h"

#include <string.h>

size_t elements_pack(uint8_t out[ELEMENTS_PACKED_MAX], const struct elements *elements)
{
    uint8_t *at = out + 4;
    bytes_put_u32be(out, presence_pack(&elements->presence));
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &elements->slot[i];
        if (s->len == 0)
            continue;
        at[0] = (uint8_t)i;
        at[1] = s->len;
        memcpy(at + 2, s->value, s->len);
        at += 2 + s->len;
    }
    return (size_t)(at - out);
}

bool elements_unpack(struct elements *out, struct span packed)
{
    static const struct person nobody; /* whose slots are all absent, each with its field */
    struct cursor c = cursor_of(packed);
    elements_of_person(out, &nobody, 0);
    if (!presence_unpack(&out->presence, cursor_u32be(&c)))
        return false;
    for (unsigned next = 0; !c.cut && c.at != c.end;) {
        const unsigned place = cursor_u8(&c), len = cursor_u8(&c);
        if (place < next || place >= ELEMENT_SLOTS || len == 0 || len > ELEMENT_VALUE_MAX)
            return false;
        next = place + 1;
        out->slot[place].len = (uint8_t)len;
        cursor_copy(&c, out->slot[place].value, len);
    }
    return cursor_ends(&c);
}
