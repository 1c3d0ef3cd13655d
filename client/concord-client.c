/* concord-client: what an agency runs. */
#include "client/task/survey.h"
#include "client/verbs/verbs.h"
#include "protocol/base/memory.h"
#include "protocol/base/random.h"
#include "protocol/group/group.h"

#define AT(member) offsetof(struct client_config, member)
#define ALL (CLIENT_AGENCY | CLIENT_DAEMON | CLIENT_IDENTITY)

static const struct setting settings[] = {
    {"identity", "Agency", "Identity", SETTING_PATH, AT(agency.identity), "FILE", "secret identity file of this agency",
     ALL},
    {"manifest", "Agency", "Manifest", SETTING_PATH, AT(agency.manifest), "FILE",
     "region.json, its signatures beside it", ALL},
    {"schemas", "Agency", "SchemaDirectory", SETTING_PATH, AT(agency.schemas), "DIR", "schemas, <purpose>.json", ALL},
    {"preshared-keys", "Agency", "PresharedKeys", SETTING_PATH, AT(agency.psks), "DIR", "pre-shared keys, <peer>.psk",
     ALL},
    {"vault", "Agency", "Vault", SETTING_PATH, AT(agency.vault), "DIR", "what this agency remembers", ALL},
    {"purpose", NULL, NULL, SETTING_LIST, AT(agency.purposes), "NAME",
     "only this purpose; may be repeated (default: all)", CLIENT_PURPOSES},
    {"not-for-default", "Agency", "NotFor", SETTING_LIST, AT(agency.not_for), "PURPOSE=WHOM",
     "whom records that do not say are not for: protected, or states and agencies by commas; may be repeated",
     CLIENT_JOBS | CLIENT_DAEMON},
    {"officer", "Agency", "Officer", SETTING_TEXT, AT(officer), "NAME", "who acts (default: the user of the machine)",
     CLIENT_OFFICER},
    {"jobs", "Agency", "Jobs", SETTING_NUMBER, AT(agency.jobs), "N", "keep N cores busy (default: all of this machine)",
     CLIENT_JOBS},
    {"feed", "Feed", "Directory", SETTING_PATH, AT(feed), "DIR",
     "enrol the *.csv, *.jsonl and *.xlsx files that appear here", CLIENT_DAEMON},
    {"map", "Feed", "Map", SETTING_LIST, AT(map), "COLUMN=FIELD", "the files' COLUMN holds FIELD; may be repeated",
     CLIENT_FEED},
    {"encoding", "Feed", "Encoding", SETTING_TEXT, AT(encoding), "NAME",
     "what the files are written in, where not UTF-8 or UTF-16: windows-1252, windows-874, gb18030 ...", CLIENT_FEED},
    {"dates", "Feed", "Dates", SETTING_TEXT, AT(dates), "WORDS",
     "how dates are written: day-first or month-first, serial, a calendar; by commas", CLIENT_FEED},
    {"sheet", "Feed", "Sheet", SETTING_TEXT, AT(sheet), "NAME", "which sheet of a workbook (.xlsx) that has several",
     CLIENT_FEED},
    {"rejects", "Feed", "Rejects", SETTING_PATH, AT(rejects), "DIR",
     "where rejects go, as FILE.NUMBER.rejects.csv (default: beside each file)", CLIENT_FEED},
    {"withdraw-limit", "Feed", "WithdrawLimit", SETTING_NUMBER, AT(withdraw_percent), "PERCENT",
     "a snapshot may withdraw so much without a word (default: 5)", CLIENT_FEED},
    {"snapshot", "Feed", "Snapshot", SETTING_SWITCH, AT(snapshot), NULL,
     "the files together are everything: withdraw records that are in none", CLIENT_DAEMON},
    {"feed-interval", "Feed", "Interval", SETTING_DURATION, AT(feed_interval), "TIME",
     "how often to look (default: 5s)", CLIENT_DAEMON},
    {"sync-interval", "Sync", "Interval", SETTING_DURATION, AT(sync_interval), "TIME",
     "how often to synchronise without being called (default: 5m)", CLIENT_DAEMON},
    {"judge-interval", "Judge", "Interval", SETTING_DURATION, AT(judge_interval), "TIME",
     "how often to begin judging what opened; of questions, each second (default: 1m)", CLIENT_DAEMON},
    {"border-listen", "Border", "Listen", SETTING_TEXT, AT(border_listen), "ADDRESS:PORT",
     "answer the checks of border posts there (default: nowhere)", CLIENT_DAEMON},
    {"border-posts", "Border", "Posts", SETTING_PATH, AT(border_posts), "FILE", "the posts and what they may ask",
     CLIENT_DAEMON | CLIENT_POSTS},
    {"border-certificate", "Border", "Certificate", SETTING_PATH, AT(border_certificate), "FILE",
     "of the border interface, PEM; with it, it speaks TLS", CLIENT_DAEMON},
    {"border-key", "Border", "Key", SETTING_PATH, AT(border_key), "FILE", "of that certificate, PEM", CLIENT_DAEMON},
    {"border-rate", "Border", "Rate", SETTING_NUMBER, AT(border_rate), "N",
     "checks a second of one post (default: 100)", CLIENT_DAEMON},
    {"desk", "Desk", "Listen", SETTING_TEXT, AT(desk), "ADDRESS:PORT|unix:PATH",
     "serve the desk there: 127.0.0.1:8443, say, or a socket behind a web server (default: nowhere)", CLIENT_DAEMON},
    {"desk-certificate", "Desk", "Certificate", SETTING_PATH, AT(certificate), "FILE", "serve it by TLS: PEM",
     CLIENT_DAEMON},
    {"desk-key", "Desk", "Key", SETTING_PATH, AT(key), "FILE", "the certificate's key: PEM", CLIENT_DAEMON},
    {"desk-idle", "Desk", "IdleTime", SETTING_DURATION, AT(desk_idle), "TIME",
     "a session ends after so long without a request (default: 15m)", CLIENT_DAEMON},
    {"desk-session", "Desk", "SessionTime", SETTING_DURATION, AT(desk_most), "TIME",
     "and after so long in any case (default: 10h)", CLIENT_DAEMON},
    {"duty-command", "Duty", "Command", SETTING_PATH, AT(duty), "FILE",
     "run this to call who is on duty: for urgent questions, what nobody answers, what is late, matches",
     CLIENT_DAEMON},
    {"duty-escalate", "Duty", "Escalate", SETTING_DURATION, AT(escalate), "TIME",
     "call again while nobody answers an urgent question, three times (default: 30m)", CLIENT_DAEMON},
    {"metrics", "Metrics", "Listen", SETTING_TEXT, AT(metrics), "ADDRESS:PORT",
     "figures for Prometheus at /metrics, and /healthz (default: nowhere)", CLIENT_DAEMON},
    {"log-level", "Log", "Level", SETTING_TEXT, AT(log_level), "LEVEL", "debug, info, warn or error (default: info)",
     CLIENT_DAEMON},
};

static int drive(struct call *call, struct err *err)
{
    static struct agency agency;
    const struct client_config *config = call->config;
    const struct verb *verb = call->verb;
    static struct identity identity;
    if ((verb->needs & ALL) == 0)
        return verb->run(call, err);
    int rc = agency_identity(&identity, &config->agency, err);
    call->opened = &identity;
    if (rc == 0 && (verb->needs & CLIENT_AGENCY) != 0) {
        rc = (verb->needs & CLIENT_PARTY) != 0 ? agency_open_party(&agency, &config->agency, &identity, err)
                                               : agency_open(&agency, &config->agency, &identity, err);
        call->opened = &agency;
    }
    if (rc == 0)
        rc = verb->run(call, err);
    agency_close(&agency);
    identity_wipe(&identity);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {
        &check_verb,       &enrol_verb,
        &sync_verb,        &run_verb,
        &query_verb,       &matches_verb,
        &judge_verb,       &remove_verb,
        &whois_verb,       &status_verb,
        &receipts_verb,    &schema_verb,
        &evaluate_verb,    &normalise_verb,
        &fingerprint_verb, &check_vault_verb,
        &backup_verb,      &restore_verb,
        &rekey_vault_verb, &release_verb,
        &suspend_verb,     &resume_verb,
        &load_verb,        &evidence_verb,
        &letters_verb,     &ask_verb,
        &answer_verb,      &outcome_verb,
        &recall_verb,      &dossier_verb,
        &post_verb,        &account_verb,
        &activity_verb,    NULL,
    };
    static const struct client_config defaults = {.log_level = "info",
                                                  .withdraw_percent = WITHDRAW_PERCENT,
                                                  .feed_interval = 5,
                                                  .sync_interval = 300,
                                                  .judge_interval = 60,
                                                  .border_rate = 100,
                                                  .desk_idle = 900,
                                                  .desk_most = 36000,
                                                  .escalate = 1800};
    static const struct program program = {
        .name = "concord-client",
        .summary = "An agency's part in a Concord region.",
        .verbs = verbs,
        .config = "/etc/concord/client.conf",
        SETTINGS(settings),
        .defaults = &defaults,
        .config_size = sizeof defaults,
        .start = group_init,
        .drive = drive,
        .secrets = true,
    };
    random_by_block(); /* sealing takes some for every entry */
    memory_keep(MEMORY_ONE_HEAP);
    return program_main(&program, argc, argv);
}
