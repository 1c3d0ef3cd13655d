/* The verbs of concord-client. The program's values are a struct client_config. */
#ifndef CLIENT_VERBS_VERBS_H
#define CLIENT_VERBS_VERBS_H

#include "client/agency/agency.h"
#include "protocol/base/verbs.h"

#define EXIT_REJECTS 3 /* done, but rows were rejected */
#define EXIT_MISS 4    /* a query found nothing */
#define EXIT_OPEN 5    /* a query found nothing, but not everybody was asked */
#define EXIT_REFUSED 6 /* something came that must not: it was refused, and is kept as evidence */

/* What client.conf holds, and --purpose. */
struct client_config {
    struct agency_config agency;
    char officer[SETTINGS_TEXT_MAX]; /* who acts; "": the user of the machine */
    /* for `run`: */
    char feed[SETTINGS_TEXT_MAX], encoding[SETTINGS_TEXT_MAX], dates[SETTINGS_TEXT_MAX], sheet[SETTINGS_TEXT_MAX],
        rejects[SETTINGS_TEXT_MAX], log_level[SETTINGS_TEXT_MAX];
    struct setting_list map;
    bool snapshot;
    uint64_t withdraw_percent;
    uint64_t feed_interval, sync_interval, judge_interval; /* seconds */
    char border_listen[SETTINGS_TEXT_MAX], border_posts[SETTINGS_TEXT_MAX], border_certificate[SETTINGS_TEXT_MAX],
        border_key[SETTINGS_TEXT_MAX];
    uint64_t border_rate; /* checks a second of one post */
    char desk[SETTINGS_TEXT_MAX], certificate[SETTINGS_TEXT_MAX], key[SETTINGS_TEXT_MAX];
    uint64_t desk_idle, desk_most; /* seconds */
    char duty[SETTINGS_TEXT_MAX];  /* the command; "": none */
    uint64_t escalate;             /* seconds */
    char metrics[SETTINGS_TEXT_MAX];
};

enum client_need {
    CLIENT_AGENCY = 1,   /* opened: a struct agency, with its vault */
    CLIENT_DAEMON = 2,   /* opened: the struct identity alone; the daemon opens the rest again for each piece of work */
    CLIENT_PURPOSES = 4, /* it can be about some purposes only */
    CLIENT_JOBS = 8,     /* it works on several processors */
    CLIENT_IDENTITY = 16, /* opened: the struct identity alone */
    CLIENT_FEED = 64,     /* it reads feeds */
    CLIENT_POSTS = 128,   /* it is about border posts; nothing is opened */
    CLIENT_OFFICER = 256, /* somebody acts by name */
    CLIENT_PARTY = 32,    /* with CLIENT_AGENCY: custodians and coordinators may, too, with a vault of their own */
};

extern const struct verb check_verb, enrol_verb, sync_verb, run_verb, query_verb, matches_verb, judge_verb, remove_verb,
    whois_verb;
extern const struct verb check_vault_verb, backup_verb, restore_verb, rekey_vault_verb;
extern const struct verb account_verb, activity_verb;
extern const struct verb ask_verb, answer_verb, outcome_verb, recall_verb, dossier_verb;
extern const struct verb release_verb, suspend_verb, resume_verb, load_verb, evidence_verb, letters_verb;
extern const struct verb post_verb;
extern const struct verb status_verb, receipts_verb, schema_verb, evaluate_verb, normalise_verb, fingerprint_verb;

#endif
