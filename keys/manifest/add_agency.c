#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"

#include <stdlib.h>

static int add_agency(struct region *r, const struct party *agency, struct err *err)
{
    if (r->agency_count == REGION_AGENCIES_MAX)
        return err_set(err, ERR_INPUT, "a region has at most %d agencies", REGION_AGENCIES_MAX);
    if (region_find_agency(r, agency->name) >= 0)
        return err_set(err, ERR_CONFLICT, "%s is an agency of the region already", agency->name);
    struct party *more = realloc(r->agencies, (r->agency_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    more[r->agency_count++] = *agency;
    r->agencies = more;
    return 0;
}

static int add_all(struct region *r, void *context, struct err *err)
{
    const struct setting_list *files = context;
    struct party party;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < files->count; i++) {
        rc = party_load(&party, files->item[i], err);
        if (rc == 0)
            rc = add_agency(r, &party, err);
    }
    return rc;
}

int manifest_add_agency_main(int argc, char **argv)
{
    static struct setting_list agency;
    static const struct setting settings[] = {
        {"agency", NULL, NULL, SETTING_LIST, &agency, "FILE.pub", "an agency's public identity; repeat"},
    };
    static const struct usage usage = {"concord-keys manifest add-agency",
                                       "MANIFEST",
                                       "Adds agencies. Changing a signed manifest begins its next version.",
                                       NULL,
                                       settings,
                                       1};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || agency.count == 0))
        rc = err_set(&err, ERR_USAGE, "add-agency needs --agency FILE.pub and the manifest; see --help");
    if (rc == 0)
        rc = draft_change(argv[0], add_all, &agency, &err);
    setting_list_free(&agency);
    return verb_end("concord-keys", rc, &err);
}
