/* The verbs of concord-keys. */
#ifndef KEYS_VERBS_H
#define KEYS_VERBS_H

#include "protocol/base/verbs.h"

int ceremony_start_main(int argc, char **argv);
int ceremony_contribute_main(int argc, char **argv);
int ceremony_finish_main(int argc, char **argv);

int manifest_new_main(int argc, char **argv);
int manifest_add_agency_main(int argc, char **argv);
int manifest_grant_main(int argc, char **argv);
int manifest_revoke_main(int argc, char **argv);
int manifest_limits_main(int argc, char **argv);
int manifest_remove_agency_main(int argc, char **argv);
int manifest_rekey_main(int argc, char **argv);
int manifest_sign_main(int argc, char **argv);
int manifest_verify_main(int argc, char **argv);
int manifest_show_main(int argc, char **argv);

#endif
