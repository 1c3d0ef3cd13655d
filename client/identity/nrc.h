/* National registration numbers of Myanmar, which are written in two scripts. */
#ifndef CLIENT_IDENTITY_NRC_H
#define CLIENT_IDENTITY_NRC_H

#include <stdbool.h>

#define NRC_MAX 64

/*
 * "12/MAGADA(N)150506": the number of the state, the letters of the township, the first letter of the kind of citizen,
 * the number. The same from Burmese (၁၂/မဂဒ(နိုင်)၁၅၀၅၀၆) and Latin letters, in which the kind may be written in full
 * (Naing). False if text is no such number.
 */
bool nrc_from_text(char out[NRC_MAX], const char *text);

#endif
