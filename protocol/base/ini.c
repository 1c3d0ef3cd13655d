#include "protocol/base/ini.h"

#include <ctype.h>
#include <string.h>

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

static void cut_comment(char *line)
{
    for (char *at = line; (at = strchr(at, ';')) != NULL; at++)
        if (at == line || isspace((unsigned char)at[-1])) {
            *at = '\0';
            return;
        }
}

static int read_line(char *line, const char **section, ini_key *each, void *context, struct err *err)
{
    cut_comment(line);
    line = trim(line);
    size_t len = strlen(line);
    if (len == 0 || line[0] == '#')
        return 0;
    if (line[0] == '[' && line[len - 1] == ']') {
        line[len - 1] = '\0';
        *section = trim(line + 1);
        return 0;
    }
    char *equals = strchr(line, '=');
    if (line[0] == '[' || equals == NULL || equals == line)
        return err_set(err, ERR_USAGE, "neither a [Section] nor a 'Key = value'");
    *equals = '\0';
    return each(context, *section, trim(line), trim(equals + 1), err);
}

int ini_read(char *text, size_t len, const char *name, ini_key *each, void *context, struct err *err)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const char *section = "";
    char *line = text, *end = text + len;
    if (strncmp(line, byte_order_mark, sizeof byte_order_mark - 1) == 0)
        line += sizeof byte_order_mark - 1;
    for (unsigned number = 1; line < end; number++) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        *stop = '\0';
        int rc = strlen(line) == (size_t)(stop - line) ? read_line(line, &section, each, context, err)
                                                       : err_set(err, ERR_USAGE, "a byte of zero stands in this line");
        if (rc != 0)
            return err_wrap(err, "%s:%u", name, number);
        line = stop + 1;
    }
    return 0;
}
