/* Operations that fail, or take long. */
#include "labfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const names[OPERATIONS] = {"read", "write", "sync"};
static const struct {
    const char *name;
    int number;
} errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT}, {"-", 0}};

/* Set by one thread and read by others; what an operation meets while it is being set may be of either. */
static struct {
    volatile int error;
    volatile double share;
    volatile double delay_ms;
} trouble[OPERATIONS];

int trouble_with(enum operation operation) {
    double ms = trouble[operation].delay_ms;
    if (ms > 0) {
        struct timespec wait = {(time_t)(ms / 1000), (long)((ms - 1000 * (long)(ms / 1000)) * 1e6)};
        nanosleep(&wait, NULL);
    }
    int error = trouble[operation].error;
    return error && drand48() < trouble[operation].share ? -error : 0;
}

static bool number(const char *word, double most, double *into) {
    char *end;
    *into = strtod(word, &end);
    return end != word && !*end && *into >= 0 && *into <= most;
}

bool trouble_parse(const char *operation, const char *error, const char *share, const char *delay) {
    double fails, ms;
    if (!number(share, 1, &fails) || !number(delay, 60000, &ms)) return false;
    for (int o = 0; o < OPERATIONS; o++)
        for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
            if (!strcmp(names[o], operation) && !strcmp(errors[e].name, error)) {
                trouble[o].share = fails;
                trouble[o].delay_ms = ms;
                trouble[o].error = errors[e].number;
                return true;
            }
    return false;
}
