/*
 * Marks for texts that a page shows and that stand elsewhere than in its call of say(): in tables, in errors. What is
 * marked goes into the catalogues of the desk's languages (docs/desk.md); the compiler sees the text alone.
 */
#ifndef PROTOCOL_BASE_MARK_H
#define PROTOCOL_BASE_MARK_H

#define N_(text) text
#define N_COUNT(one, many) one, many

#endif
