#include "client/feed/record.h"

const char *const record_field_name[FIELDS] = {
    "record_id", "family_name", "given_names", "name_native", "sex", "date_of_birth", "nationality", "doc_type",
    "doc_issuer", "doc_number",
};
