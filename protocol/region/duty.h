/*
 * Who answers for an agency in a purpose, and at which hours: what partners look up who have something urgent to ask.
 * The manifest names a desk or an office, not a person.
 */
#ifndef PROTOCOL_REGION_DUTY_H
#define PROTOCOL_REGION_DUTY_H

#include "protocol/region/region.h"

/* Hours as read: "always", or "mon-fri 08:30-16:30 +07:00". Hours that end before they begin end on the next day. */
struct duty_hours {
    bool always;
    unsigned first, last; /* days, 0: Monday; from `first` on to `last`, over Sunday if need be */
    unsigned from, until; /* minutes of the day */
    int east;             /* minutes that the clocks there are before UTC */
};

/* ERR_INPUT: they are not written like that. */
int duty_hours_parse(struct duty_hours *out, const char *text, struct err *err);

/* Whether somebody is there at that time, seconds since 1970. */
bool duty_hours_have(const struct duty_hours *hours, uint64_t time);

/* Contact: 1 to REGION_CONTACT_MAX printable characters of ASCII, no quotes or backslashes. */
bool duty_contact_is_fine(const char *contact);

#endif
