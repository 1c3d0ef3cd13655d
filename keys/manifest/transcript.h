/* From a ceremony's transcript, and what the command line adds to it, to the custodians and purposes of a manifest. */
#ifndef KEYS_MANIFEST_TRANSCRIPT_H
#define KEYS_MANIFEST_TRANSCRIPT_H

#include "protocol/base/settings.h"
#include "protocol/region/region.h"

/* What a transcript holds; custodians without URL, purposes without schema, retention and limits, of one epoch
 * each. */
struct transcript {
    size_t threshold, custodian_count, purpose_count;
    struct region_custodian custodian[REGION_CUSTODIANS_MAX];
    struct region_purpose purpose[REGION_PURPOSES_MAX];
};

/* ERR_INPUT: the file is no transcript. */
int transcript_load(struct transcript *out, const char *path, struct err *err);

/* The text behind "NAME=" of the list's member with that name; NULL if there is none. Borrowed. */
const char *transcript_option(const struct setting_list *list, const char *name);

/* Sets custodian->url from `--custodian-url NAME=URL`. text NULL: it is missing, ERR_USAGE. */
int transcript_set_url(struct region_custodian *custodian, const char *text, struct err *err);

/*
 * Sets what a purpose is from `--purpose NAME=SCHEMA.json[,retention=30d][,kind=issued][,LIMIT=N]`: schema and slots of
 * its epoch, retention, kind, limits (limits.h). text NULL: ERR_USAGE.
 */
#define TRANSCRIPT_PURPOSE_FORM "NAME=SCHEMA.json[,retention=30d][,kind=issued][,LIMIT=N]"
int transcript_set_purpose(struct region_purpose *purpose, const char *text, struct err *err);

#endif
