/* What is asked, a line each: `ID COMMAND WORD...`, answered `ID ok WORD...` or `ID error WHY`. */
#include "labfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *word(char **rest) {
    char *found;
    while ((found = strsep(rest, " \t\n")) && !*found) {}
    return found;
}

static bool is_share(const char *word, double *share) {
    char *end;
    *share = strtod(word, &end);
    return end != word && !*end && *share >= 0 && *share <= 1;
}

static void crash(const char *id, const char *pages, const char *names) {
    double keep, keep_names;
    if (!is_share(pages, &keep) || !is_share(names, &keep_names)) {
        printf("%s error cannot keep %.32s of pages and %.32s of names\n", id, pages, names);
        return;
    }
    long lost, kept;
    lock();
    long unnamed = names_crash(keep_names);
    store_crash(keep, &lost, &kept);
    unlock();
    printf("%s ok %ld %ld %ld\n", id, lost, kept, unnamed);
}

static void settle(const char *id) {
    lock();
    int error = store_sync();
    names_settle();
    unlock();
    if (error) printf("%s error %s\n", id, strerror(-error));
    else printf("%s ok\n", id);
}

void command_run(char *line) {
    char *id = word(&line), *command = word(&line);
    char *words[4];
    int count = 0;
    while (count < 4 && (words[count] = word(&line))) count++;
    if (!id) return;
    if (command && !strcmp(command, "crash") && count == 2) crash(id, words[0], words[1]);
    else if (command && !strcmp(command, "settle") && count == 0) settle(id);
    else if (command && !strcmp(command, "trouble") && count == 4) {
        bool done = trouble_parse(words[0], words[1], words[2], words[3]);
        printf(done ? "%s ok\n" : "%s error no such trouble\n", id);
    } else printf("%s error unknown command %.64s\n", id, command ? command : "");
}
