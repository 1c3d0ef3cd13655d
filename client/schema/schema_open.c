/* Finding a schema by its name. */
#include "client/schema/schema.h"

#include "protocol/base/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Below the directory of the program: installed, built in place, built with sanitizers. */
static const char *const places[] = {"../share/concord/schema", "../../client/schema", "../../../client/schema"};

static bool ends_in_json(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int program_dir(char out[PATH_LIMIT], struct err *err)
{
    char path[PATH_LIMIT];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len < 0)
        return err_errno(err, "cannot tell where this program is");
    path[len] = '\0';
    return path_dir(out, PATH_LIMIT, path, err);
}

int schema_find(char *path, size_t size, const char *name, struct err *err)
{
    char dir[PATH_LIMIT], file[PATH_LIMIT];
    if (ends_in_json(name))
        return path_join(path, size, "", name, err);
    int rc = party_name_check(name, err);
    if (rc == 0)
        rc = program_dir(dir, err);
    for (size_t i = 0; rc == 0 && i < sizeof places / sizeof places[0]; i++) {
        if ((size_t)snprintf(file, sizeof file, "%s/%s.json", places[i], name) >= sizeof file)
            continue;
        rc = path_join(path, size, dir, file, err);
        if (rc == 0 && access(path, R_OK) == 0)
            return 0;
    }
    return rc != 0
               ? rc
               : err_set(err, ERR_NOT_FOUND, "there is no schema %.64s below %.200s/%s or in a checkout: name a file",
                         name, dir, places[0]);
}

int schema_open(struct schema *out, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = schema_find(path, sizeof path, name, err);
    if (rc == 0)
        rc = schema_read(out, path, err);
    return rc;
}
