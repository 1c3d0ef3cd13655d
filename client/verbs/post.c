/* Border posts, and programs of the agency: who may ask or read over the border interface, and of what. */
#include "client/verbs/verbs.h"

#include "client/border/posts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct setting_list ask;
    bool reads;
};

static int join(char *out, size_t size, const struct setting_list *list, struct err *err)
{
    size_t len = 0;
    for (size_t i = 0; i < list->count && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? "," : "", list->item[i]);
    if (list->count == 0)
        len = (size_t)snprintf(out, size, "*");
    return len < size ? 0 : err_set(err, ERR_USAGE, "too many purposes");
}

static int run(struct call *call, struct err *err)
{
    const struct client_config *config = call->config;
    const struct options *o = call->options;
    char purposes[1024], token[POST_TOKEN_TEXT];
    if (config->border_posts[0] == '\0')
        return err_set(err, ERR_USAGE, "[Border] Posts must be set, or --border-posts: the file of posts");
    int rc = join(purposes, sizeof purposes, &o->ask, err);
    if (rc == 0)
        rc = posts_add(config->border_posts, call->operand[0], purposes, o->reads, token, err);
    if (rc == 0)
        printf("%s\n", token);
    sodium_memzero(token, sizeof token);
    return rc;
}

static const struct setting settings[] = {
    {"ask", NULL, NULL, SETTING_LIST, offsetof(struct options, ask), "PURPOSE",
     "it may ask about this purpose; may be repeated (default: all)"},
    {"read", NULL, NULL, SETTING_SWITCH, offsetof(struct options, reads), NULL,
     "it reads matches and letters of these purposes, and asks nothing: for programs of the agency"},
};

const struct verb post_verb = {
    .name = "post",
    .brief = "add a border post",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .summary =
        "Adds a border post, and prints its token: nobody keeps it, so it is brought to the post now. The running daemon\n"
        "takes it at the next check.",
    .more = "To take a post out, take its line out of the file.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_POSTS,
    .run = run,
};
