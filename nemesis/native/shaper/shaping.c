/* How a link carries, in words and back. */
#include "shaper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MILLISECOND = 1e6;

static bool share(double number, double *out) {
    *out = number;
    return number >= 0 && number <= 1;
}

static bool span(double milliseconds, moment *out) {
    bool sane = milliseconds >= 0 && milliseconds <= 3600e3;
    if (sane) *out = milliseconds * MILLISECOND;
    return sane;
}

static bool set(struct shaping *it, const char *name, double number) {
    if (!strcmp(name, "delay")) return span(number, &it->delay);
    if (!strcmp(name, "jitter")) return span(number, &it->jitter);
    if (!strcmp(name, "loss")) return share(number, &it->loss);
    if (!strcmp(name, "duplicate")) return share(number, &it->duplicate);
    if (!strcmp(name, "corrupt")) return share(number, &it->corrupt);
    if (!strcmp(name, "reorder")) return share(number, &it->reorder);
    if (!strcmp(name, "reset")) return share(number, &it->reset);
    if (!strcmp(name, "rate")) return it->rate = number, number >= 0 && number <= 1e12;
    if (!strcmp(name, "hold")) return it->hold = number != 0, number == 0 || number == 1;
    return false;
}

bool shaping_parse(const char *text, struct shaping *out) {
    memset(out, 0, sizeof *out);
    if (!strcmp(text, "-")) return true;
    char words[512];
    if (strlen(text) >= sizeof words) return complain("too long: %.40s…", text);
    strcpy(words, text);
    char *rest = words;
    for (char *word; (word = strsep(&rest, ","));) {
        char *equals = strchr(word, '='), *end;
        if (!equals) return complain("not name=number: %.64s", word);
        *equals = 0;
        double number = strtod(equals + 1, &end);
        if (end == equals + 1 || *end || !isfinite(number) || !set(out, word, number))
            return complain("cannot shape by %.64s=%.64s", word, equals + 1);
    }
    return true;
}

bool shaping_is_usual(const struct shaping *it) {
    return !it->delay && !it->jitter && it->loss == 0 && it->duplicate == 0 && it->corrupt == 0 && it->reorder == 0 &&
           it->reset == 0 && it->rate == 0 && !it->hold;
}
