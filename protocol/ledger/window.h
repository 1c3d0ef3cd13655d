/*
 * How far honest parties may be apart in time, in one place for daemons, clients and auditors. Each machine's clock may
 * be two days off, and may be set right at any time; a network may fail for three days. What is not explained by that
 * is a finding. docs/auditor.md says of each why it cannot be narrower.
 */
#ifndef PROTOCOL_LEDGER_WINDOW_H
#define PROTOCOL_LEDGER_WINDOW_H

#define WINDOW_DAY 86400
#define WINDOW_CLOCK_DAYS 4                                  /* between two clocks; or one, set from here to there */
#define WINDOW_CLOCKS (WINDOW_CLOCK_DAYS * WINDOW_DAY + 600) /* seconds; and ten minutes on the way */
#define WINDOW_FINAL (5 * WINDOW_DAY) /* until enough witnesses cosign: a network that fails, and a clock set right */
#define WINDOW_REPEATED (7 * WINDOW_DAY) /* so long a request is good, and its id is remembered */

#endif
