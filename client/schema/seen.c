#include "client/schema/seen.h"

const char *const pair_class_name[PAIR_CLASSES] = {"match", "unrelated", "relative", "namesake"};

const char *const seen_name[SEEN_KINDS] = {
    "word.exact",      "word.root",        "word.near",          "word.weak",
    "word.differs",    "word.extra",       "name.all",           "name.joined",
    "name.none",       "date.full",        "date.turned",        "date.day",
    "date.month",      "date.year_near",   "date.year",          "date.year_only",
    "date.one",        "date.decade",      "date.none",          "date.absent",
    "sex.agrees",      "sex.differs",      "nationality.agrees", "nationality.differs",
    "document.agrees", "document.differs", "document.other",     "lean"};
