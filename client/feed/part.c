#include "client/feed/part.h"

#include <stdlib.h>
#include <string.h>

#define PIECE (16u << 10)
#define BLOCK_MAX (1u << 20) /* bytes of one allocation of the parser's: of a tag with its attributes */
#define DEPTH_MAX 32
#define NAME_MAX_BYTES 64
#define ATTRIBUTES_MAX 64

/* --- the parser's memory --- */

static void *bounded_malloc(size_t size)
{
    return size <= BLOCK_MAX ? malloc(size) : NULL;
}

static void *bounded_realloc(void *old, size_t size)
{
    return size <= BLOCK_MAX ? realloc(old, size) : NULL;
}

static const XML_Memory_Handling_Suite memory = {bounded_malloc, bounded_realloc, free};

/* --- events --- */

static const char *without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

/* The parser remembers each name that it met: what is no workbook could fill the memory with them. */
static bool is_bounded(const char *name, const char **attributes)
{
    size_t n = 0;
    bool bounded = strlen(name) <= NAME_MAX_BYTES;
    for (; bounded && attributes[n] != NULL; n += 2)
        bounded = n < 2 * (size_t)ATTRIBUTES_MAX && strlen(attributes[n]) <= NAME_MAX_BYTES;
    return bounded;
}

static void on_begin(void *context, const char *name, const char **attributes)
{
    struct part *p = context;
    if (p->fault != NULL)
        return;
    if (++p->depth > DEPTH_MAX)
        part_give_up(p, "it is nested too deeply");
    else if (!is_bounded(name, attributes))
        part_give_up(p, "a tag has too many attributes, or too long names");
    else
        p->events->begin(p->context, without_prefix(name), attributes);
}

static void on_end(void *context, const char *name)
{
    struct part *p = context;
    if (p->fault != NULL)
        return;
    p->depth--;
    p->events->end(p->context, without_prefix(name));
}

static void on_text(void *context, const char *text, int len)
{
    struct part *p = context;
    if (p->fault == NULL)
        p->events->text(p->context, text, (size_t)len);
}

static void on_document_type(void *context, const char *name, const char *system, const char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    part_give_up(context, "it has a document type, and no workbook has one");
}

void part_give_up(struct part *part, const char *reason)
{
    if (part->fault != NULL)
        return;
    part->fault = reason;
    XML_StopParser(part->parser, XML_FALSE);
}

void part_pause(struct part *part)
{
    if (part->fault == NULL)
        XML_StopParser(part->parser, XML_TRUE);
}

/* --- reading --- */

int part_open(struct part *part, const char *path, zip_t *zip, const char *name, uint64_t most,
              const struct part_events *events, void *context, struct err *err)
{
    zip_stat_t st;
    *part = (struct part){.events = events, .context = context, .most = most};
    if (zip_stat(zip, name, ZIP_FL_NOCASE, &st) != 0 || (st.valid & ZIP_STAT_INDEX) == 0)
        return err_set(err, ERR_NOT_FOUND, "%s has no part %s: save it anew as .xlsx, or as CSV UTF-8", path, name);
    part->size = (st.valid & ZIP_STAT_SIZE) != 0 ? st.size : 0;
    part->file = zip_fopen_index(zip, st.index, 0);
    if (part->file == NULL)
        return err_set(err, ERR_INPUT, "%s: its part %s cannot be unpacked: %s", path, name, zip_strerror(zip));
    part->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (part->parser == NULL) {
        part_close(part);
        return err_set(err, ERR_NO_MEMORY, "out of memory for a workbook");
    }
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, on_begin, on_end);
    XML_SetStartDoctypeDeclHandler(part->parser, on_document_type);
    if (events->text != NULL)
        XML_SetCharacterDataHandler(part->parser, on_text);
    return 0;
}

void part_close(struct part *part)
{
    if (part->parser != NULL)
        XML_ParserFree(part->parser);
    if (part->file != NULL)
        zip_fclose(part->file);
    part->parser = NULL;
    part->file = NULL;
}

static int refuse(const char *path, const char *why, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s is a damaged workbook, or none: %s; save it anew as .xlsx, or as CSV UTF-8",
                   path, why);
}

/* The next piece goes to the parser. */
static int read_piece(struct part *part, const char *path, enum XML_Status *status, struct err *err)
{
    void *to = XML_GetBuffer(part->parser, PIECE);
    if (to == NULL)
        return refuse(path, "a tag or a value of it is too long", err);
    const zip_int64_t got = zip_fread(part->file, to, PIECE);
    if (got < 0)
        return refuse(path, "a part of it cannot be unpacked", err);
    part->read += (uint64_t)got;
    if (part->read > part->most)
        return refuse(path, "a part of it is too large unpacked", err);
    *status = XML_ParseBuffer(part->parser, (int)got, got == 0);
    return 0;
}

int part_read(struct part *part, const char *path, struct err *err)
{
    XML_ParsingStatus state;
    enum XML_Status status = XML_STATUS_OK;
    do {
        int rc = 0;
        XML_GetParsingStatus(part->parser, &state);
        if (state.parsing == XML_SUSPENDED)
            status = XML_ResumeParser(part->parser);
        else
            rc = read_piece(part, path, &status, err);
        if (rc != 0)
            return rc;
        XML_GetParsingStatus(part->parser, &state);
        part->ended = state.parsing == XML_FINISHED;
    } while (status == XML_STATUS_OK && !part->ended);
    if (part->fault != NULL)
        return refuse(path, part->fault, err);
    if (status == XML_STATUS_ERROR)
        return refuse(path, XML_ErrorString(XML_GetErrorCode(part->parser)), err);
    return 0;
}

int part_read_all(const char *path, zip_t *zip, const char *name, bool optional, uint64_t most,
                  const struct part_events *events, void *context, struct err *err)
{
    struct part part;
    int rc = part_open(&part, path, zip, name, most, events, context, err);
    if (rc == ERR_NOT_FOUND && optional)
        return 0;
    while (rc == 0 && !part.ended)
        rc = part_read(&part, path, err);
    part_close(&part);
    return rc;
}

const char *part_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(without_prefix(attributes[i]), name) == 0)
            return attributes[i + 1];
    return NULL;
}
