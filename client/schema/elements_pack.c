#include "client/schema/elements_pack.h"

#include "protocol/base/cursor.h"

#include <sodium.h>
#include <string.h>

#define AS_BEFORE 0xff
#define FAMILY_BIT 30 /* beside the presence */

static bool is_as(const struct element_slot *s, const struct element_slot *before)
{
    return before != NULL && s->len == before->len && memcmp(s->value, before->value, s->len) == 0;
}

size_t elements_pack(uint8_t out[ELEMENTS_PACKED_MAX], const struct elements *elements)
{
    const struct element_slot *before = NULL;
    uint8_t *at = out + 4;
    bytes_put_u32be(out, presence_pack(&elements->presence) | (uint32_t)elements->family << FAMILY_BIT);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &elements->slot[i];
        if (s->len == 0 || element_follows((enum element_field)s->field))
            continue;
        const size_t len = is_as(s, before) ? 0 : s->len;
        at[0] = (uint8_t)i;
        at[1] = len > 0 ? s->len : AS_BEFORE;
        memcpy(at + 2, s->value, len);
        at += 2 + len;
        before = s;
    }
    return (size_t)(at - out);
}

size_t elements_pack_person(uint8_t out[ELEMENTS_PACKED_MAX], const struct person *person)
{
    struct elements elements;
    elements_of_person(&elements, person, 0);
    const size_t len = elements_pack(out, &elements);
    sodium_memzero(&elements, sizeof elements);
    return len;
}

bool elements_unpack(struct elements *out, struct span packed)
{
    const struct element_slot *before = NULL;
    struct cursor c = cursor_of(packed);
    elements_clear(out);
    const uint32_t head = cursor_u32be(&c);
    out->family = (uint8_t)(head >> FAMILY_BIT);
    if (!presence_unpack(&out->presence, head & ~(UINT32_C(3) << FAMILY_BIT)) || out->family > ELEMENT_FAMILY_WORDS ||
        out->family > out->presence.words)
        return false;
    for (unsigned next = 0; !c.cut && c.at != c.end;) {
        const unsigned place = cursor_u8(&c), len = cursor_u8(&c);
        struct element_slot *s = place >= next && place < ELEMENT_SLOTS ? &out->slot[place] : NULL;
        if (s == NULL || element_follows((enum element_field)s->field) || len == 0 ||
            (len == AS_BEFORE ? before == NULL : len > ELEMENT_VALUE_MAX))
            return false;
        next = place + 1;
        s->len = len == AS_BEFORE ? before->len : (uint8_t)len;
        if (len == AS_BEFORE)
            memcpy(s->value, before->value, s->len);
        else
            cursor_copy(&c, s->value, len);
        if (len != AS_BEFORE && is_as(s, before))
            return false;
        before = s;
    }
    elements_derive(out);
    return cursor_ends(&c);
}
