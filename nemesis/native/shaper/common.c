/* What every part needs. */
#include "shaper.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

char complaint[256];

bool complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, sizeof complaint, format, arguments);
    va_end(arguments);
    return false;
}

moment now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * (moment)1000000000 + time.tv_nsec;
}

static uint64_t state;

void fraction_seed(uint64_t seed) { state = seed; }

/* xorshift64* */
double fraction(void) {
    while (!state)
        if (getrandom(&state, sizeof state, 0) < 0) state = now();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545f4914f6cdd1dULL >> 11) / 9007199254740992.0;
}
