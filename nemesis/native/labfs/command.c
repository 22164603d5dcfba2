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

static void crash(const char *id, const char *share) {
    char *end;
    double keep = strtod(share, &end);
    if (end == share || *end || !(keep >= 0 && keep <= 1)) {
        printf("%s error cannot keep %.32s\n", id, share);
        return;
    }
    long lost, kept;
    lock();
    store_crash(keep, &lost, &kept);
    unlock();
    printf("%s ok %ld %ld\n", id, lost, kept);
}

void command_run(char *line) {
    char *id = word(&line), *command = word(&line);
    char *words[4];
    int count = 0;
    while (count < 4 && (words[count] = word(&line))) count++;
    if (!id) return;
    if (command && !strcmp(command, "crash") && count == 1) crash(id, words[0]);
    else if (command && !strcmp(command, "trouble") && count == 4) {
        bool done = trouble_parse(words[0], words[1], words[2], words[3]);
        printf(done ? "%s ok\n" : "%s error no such trouble\n", id);
    } else printf("%s error unknown command %.64s\n", id, command ? command : "");
}
