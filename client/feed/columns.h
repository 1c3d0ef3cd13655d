/* Which field a column or member of a feed holds. For the files of this folder alone. */
#ifndef CLIENT_FEED_COLUMNS_H
#define CLIENT_FEED_COLUMNS_H

#include "client/feed/reader.h"

/*
 * What the map says of it; else the field of this name, or of one that people call it by ("Date of Birth", "DOB"):
 * letters and digits count alone, in any case. NO_FIELD: nobody knows. A workbook's columns without a name are left
 * out.
 */
int column_field(const struct feed *f, const char *name);

/* ERR_USAGE where an entry of the map is none. */
int columns_check_map(const struct feed_options *options, struct err *err);

/*
 * The fields of the columns in f->header. ERR_INPUT: two for one field, none for record_id, or columns that are not
 * known: names them all, and what may be meant.
 */
int columns_take(struct feed *f, struct err *err);

/* A known field whose name is a slip or two from this one; NULL. */
const char *column_nearest(const char *name);

#endif
