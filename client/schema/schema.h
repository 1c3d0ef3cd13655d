/*
 * The schema of a purpose: its match keys, what shared keys are worth, and what they mean. A JSON file named by digest
 * in the manifest; docs/matching.md describes every member.
 *
 *     {"format": "concord-schema-2", "name": "persons", "slots": 4,
 *      "keys": [{"id": "names-date", "class": "person", "weight": 2, "parts": ["name.all.sound", "birth_date.full"]},
 *               {"id": "names-year", "class": "person", "weight": 1, "cap": 2, "parts": ["name.all.sound",
 *                "birth_date.year", "nationality?"]}, ...],
 *      "evidence": {"name.all.sound": 14.5, "name.each.sound + name.all.initial": 8, "birth_date.year": [5, -1], ...},
 *      "against": {"name": 4, "birth_date": 3}, "overlap": 0.05, "least_records": 5000,
 *      "same_document": 3, "accept": 60, "consider": 5, "sure": 95,
 *      "classes": [{"shared": ["document"], "is": "same-document-other-person"}, ...]}
 *
 * Parts are those of client/schema/transform.h. A key has a value for a record if each of its parts has; a part with
 * "?" may be missing, and then meets only records where it is missing too. A key opens alone (weight 2) or with another
 * one (weight 1). Its entry has `slots` slots, for so many of the records of an agency that share the tag: of more,
 * some by chance. A tag that more than `cap` share (1 to SCHEMA_CAP_MAX; usually `slots`) identifies nobody and is not
 * sent.
 *
 * A key finds: who guesses its value learns that the partner has such a record. So a key holds a whole name with a
 * date, a word of a name with a whole date, or a document; a key of all names without a date only where the schema says
 * "undated_names": true, as for missing people, whose dates are often not known.
 */
#ifndef CLIENT_MATCH_SCHEMA_H
#define CLIENT_MATCH_SCHEMA_H

#include "client/schema/seen.h"
#include "client/schema/transform.h"
#include "protocol/base/buf.h"
#include "protocol/identity/party.h"

#define SCHEMA_KEYS_MAX 16
#define SCHEMA_PARTS_MAX 6   /* of a key */
#define SCHEMA_ATOMS_MAX 24  /* distinct parts of all keys */
#define SCHEMA_TOKENS_MAX 64 /* of one record: a key has as many as the record has values for it */
#define SCHEMA_EVIDENCE_MAX 32
#define SCHEMA_CLASSES_MAX 8
#define SCHEMA_ID_MAX 31
#define SCHEMA_WEIGHT_MAX 2 /* the weight of shared keys from which a record opens */
#define SCHEMA_SLOTS_MAX 4
#define SCHEMA_CAP_MAX 16
#define SCHEMA_BITS_MAX 100.0 /* of a part's evidence */
#define SCHEMA_FILE_MAX (256u << 10)
#define SCHEMA_DIGEST_SIZE 32

enum schema_class { CLASS_PERSON, CLASS_DOCUMENT };

struct schema_key {
    char id[SCHEMA_ID_MAX + 1];
    enum schema_class class;
    unsigned weight; /* 1..SCHEMA_WEIGHT_MAX: shares of a record's secret in its entry */
    unsigned cap;    /* records of one agency that may share a tag of it; more: the tag identifies nobody */
    uint8_t atom[SCHEMA_PARTS_MAX]; /* its parts: positions in schema.atom */
    bool optional[SCHEMA_PARTS_MAX];
    size_t parts;
};

/*
 * Parts of one group that agree, and the bits (log2 of the likelihood ratio) that this speaks for the same person: if
 * it is the most of its group that the own record could show, and if it falls short of that.
 */
struct schema_evidence {
    uint32_t atoms; /* bitmap of positions in schema.atom */
    enum part_group group;
    double best, falls_short;
};

enum match_kind {
    MATCH_NONE,
    MATCH_SAME_PERSON,
    MATCH_SAME_DOCUMENT_OTHER_PERSON, /* identity fraud, or a record that was mistyped */
    MATCH_SAME_PERSON_OTHER_DOCUMENT,
    MATCH_LISTED_DOCUMENT, /* lost, stolen, revoked */
    MATCH_ISSUED_DOCUMENT, /* its issuer has it among those that are valid */
    MATCH_KINDS
};

/* Facts about a pair, as a bitmap. */
enum { FACT_PERSON = 1, FACT_DOCUMENT = 2, FACT_OTHER_DOCUMENT = 4 };

/* If all of these facts hold, it is this. */
struct schema_rule {
    unsigned facts;
    enum match_kind kind;
};

struct schema {
    char name[PARTY_NAME_MAX + 1];
    uint8_t digest[SCHEMA_DIGEST_SIZE]; /* SHA-256 of the file */
    unsigned slots;                     /* of each entry, 1..SCHEMA_SLOTS_MAX */
    bool undated_names;                 /* whether a key of all names without a date may find */
    struct schema_key key[SCHEMA_KEYS_MAX];
    size_t keys;
    struct part atom[SCHEMA_ATOMS_MAX]; /* what keys are made of, each once */
    size_t atoms;
    struct schema_evidence evidence[SCHEMA_EVIDENCE_MAX];
    size_t evidences;
    /* Bits against, by group: the own record has its fields, and nothing of them is shared. */
    double against[GROUPS];
    double overlap; /* share of an agency's records that a partner is supposed to have too, until matches tell */
    /* Agencies with fewer are judged like agencies of so many: families do not thin out with numbers. */
    double least_records;
    double same_document; /* bits that a shared document speaks for the same person, whatever the number of records */
    unsigned accept;      /* score from which two records are the same person */
    unsigned consider;    /* score from which they may be, one to one, where most records have a partner */
    unsigned sure;        /* pair_yields() */
    struct judging judging;
    struct schema_rule rule[SCHEMA_CLASSES_MAX];
    size_t rules;
};

/*
 * ERR_INPUT names member and reason; a member that is not known is refused, and a key that must not find. Ids are
 * unique; every part of a person key has evidence (a document's, of a person key that holds one, counts none); every
 * pair that can open has a class.
 */
int schema_parse(struct schema *out, const void *json, size_t len, struct err *err);

/* Reads DIR/<purpose>.json. ERR_VERIFY if its digest is not the manifest's. */
int schema_load(struct schema *out, const char *dir, const char *purpose, const uint8_t digest[SCHEMA_DIGEST_SIZE],
                struct err *err);

/* Reads a schema file that no manifest vouches for: what offline work is given. */
int schema_read(struct schema *out, const char *path, struct err *err);

/*
 * The same by name or path: what ends in .json is a file; a name is one of the schemas that come with the program,
 * beside it in a checkout or in ../share/concord/schema where it is installed. ERR_NOT_FOUND says where was looked.
 */
int schema_open(struct schema *out, const char *name, struct err *err);
int schema_find(char *path, size_t size, const char *name, struct err *err);

/* "same-person", ...; and back, MATCH_NONE if it is none. */
const char *match_kind_name(enum match_kind kind);
const char *match_kind_in_words(enum match_kind kind); /* "same person, other document", ... */
enum match_kind match_kind_named(const char *name);

/* Whether its weight may be 1: a record has one value for it, aliases apart, of which the first is taken. */
bool schema_key_may_be_light(const struct schema *schema, size_t key);

/* Bitmap of the keys of this class. */
uint32_t schema_keys_of(const struct schema *schema, enum schema_class class);

#endif
