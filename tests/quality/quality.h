/* Measuring matching on data of several makes, beside a linker that sees everything in the clear. */
#ifndef TESTS_QUALITY_QUALITY_H
#define TESTS_QUALITY_QUALITY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Prints why and ends with status 1. */
_Noreturn void quality_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* DIR/NAME.csv, anew, for writing; ends where it cannot be made. */
FILE *quality_open(const char *dir, const char *name);

/* Writes DIR/AAA.csv, DIR/BBB.csv and DIR/truth.csv; `overlap` per cent of the rows have their person in both. */
void western_write(const char *dir, uint64_t records, unsigned overlap, bool heavy, uint64_t seed);

/* Writes DIR/LKA.csv and four more of some so many records each, and DIR/truth.csv. */
void second_write(const char *dir, uint64_t records, uint64_t seed);

/* Copies a register from standard input to standard output with errors of one process (spoil.c has their names). */
void spoil_run(const char *process, uint64_t seed);

/* Links two files and prints precision, recall and F1 by the truth, in a line. */
void linker_run(const char *truth, const char *a, const char *b);

#endif
