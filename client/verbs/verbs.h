/* The verbs of concord-client, one file each. All return an exit status. */
#ifndef CLIENT_VERBS_VERBS_H
#define CLIENT_VERBS_VERBS_H

#define EXIT_REJECTS 3 /* done, but rows were rejected */
#define EXIT_MISS 4    /* a query found nothing */

int enrol_main(int argc, char **argv);
int sync_main(int argc, char **argv);
int run_main(int argc, char **argv);
int query_main(int argc, char **argv);
int matches_main(int argc, char **argv);
int remove_main(int argc, char **argv);
int status_main(int argc, char **argv);
int receipts_main(int argc, char **argv);
int whois_main(int argc, char **argv);
int fingerprint_main(int argc, char **argv);
int normalise_main(int argc, char **argv);
int evaluate_main(int argc, char **argv);
int schema_main(int argc, char **argv);

#endif
