/* What is asked, a line each: `ID COMMAND WORD...`, answered `ID ok WORD...` or `ID error WHY`. */
#include "shaper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *word(char **rest) {
    char *found;
    while ((found = strsep(rest, " \t")) && !*found) {}
    return found;
}

/* A link that is as usual again keeps its rule for so long: most are soon shaped again. */
static const moment TIDY_NS = 2000000000;

static bool set_link(struct space *space, const char *address, const char *how) {
    struct address to;
    struct shaping shaping;
    if (!address_parse(address, &to) || !shaping_parse(how, &shaping)) return false;
    struct link *link = space_link(space, &to);
    if (shaping_is_usual(&shaping)) {
        space->tidy = now() + TIDY_NS;
        if (!link) return true;
    } else if (!link) {
        link = calloc(1, sizeof *link);
        if (!link) return complain("out of memory");
        link->to = to;
        link->next = space->links;
        space->links = link;
    }
    /* What is under way on it arrives now, so that what comes after does not overtake it. */
    way_flush(link);
    link->shaping = shaping;
    link->busy = 0;
    return true;
}

/* Rules last, once for each namespace, however many of its links have changed. */
static bool shape(char *rest) {
    bool ok = true;
    for (char *name; ok && (name = word(&rest));) {
        char *address = word(&rest), *how = word(&rest);
        struct space *space = how ? space_find(name) : NULL;
        if (!how) complain("shape takes NAME ADDRESS HOW");
        ok = space && set_link(space, address, how);
    }
    for (struct space *space = spaces; ok && space; space = space->next) ok = rules_add(space);
    return ok;
}

static bool run(const char *command, char *rest) {
    if (!strcmp(command, "shape")) return shape(rest);
    char *name = word(&rest), *path = word(&rest);
    if (!strcmp(command, "enter") && path) return space_enter(name, path);
    if (!strcmp(command, "leave") && name) return space_leave(name), true;
    return complain("unknown command %.64s", command);
}

void command_run(char *line) {
    char *rest = line, *id = word(&rest), *command = word(&rest);
    if (!command) return;
    if (!strcmp(command, "seen")) {
        struct space *space = space_find(rest ? rest : "");
        if (space) printf("%s ok %llu\n", id, (unsigned long long)space->seen);
        else printf("%s error %s\n", id, complaint);
    } else if (run(command, rest)) printf("%s ok\n", id);
    else printf("%s error %s\n", id, complaint);
}
