/*
 * The shaper: carries packets late, twice, damaged, or not at all. See README.md.
 *
 * One process and one loop for any number of network namespaces. Its end, of itself or otherwise, ends all that it did.
 */
#define _GNU_SOURCE
#include "shaper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Carries out the lines that have come. False at the end of stdin, or if a line is longer than any could be. */
static bool hear(void) {
    static char heard[1 << 20];
    static size_t length;
    ssize_t got = read(STDIN_FILENO, heard + length, sizeof heard - length);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    length += got;
    for (char *end; (end = memchr(heard, '\n', length));) {
        *end = 0;
        command_run(heard);
        length -= end + 1 - heard;
        memmove(heard, end + 1, length);
    }
    return true;
}

/* Answers which file each place of the list waits for: stdin, then the queues, in the order of the namespaces. */
static struct pollfd *files(size_t *count) {
    static struct pollfd *list;
    static size_t room;
    *count = 1;
    for (struct space *space = spaces; space; space = space->next) ++*count;
    if (*count > room) {
        list = realloc(list, (room = 2 * *count) * sizeof *list);
        if (!list) abort();
    }
    size_t at = 0;
    list[at++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (struct space *space = spaces; space; space = space->next)
        list[at++] = (struct pollfd){.fd = space->queue, .events = POLLIN};
    return list;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    prctl(PR_SET_TIMERSLACK, 1);
    signal(SIGPIPE, SIG_IGN);
    /* A Ctrl-C reaches everybody; whoever holds our stdin decides when to end us. */
    signal(SIGINT, SIG_IGN);
    for (;;) {
        moment tidy = space_tidy(now()), due = way_deliver(now());
        if (tidy < due) due = tidy;
        moment left = due - now();
        if (left < 0) left = 0;
        struct timespec wait = {left / 1000000000, left % 1000000000};
        size_t count;
        struct pollfd *list = files(&count);
        if (ppoll(list, count, due == INT64_MAX ? NULL : &wait, NULL) < 0) continue;
        /* Before the commands, which may close any of them. */
        size_t at = 1;
        for (struct space *space = spaces; space; space = space->next)
            if (list[at++].revents) queue_read(space);
        if (list[0].revents && !hear()) return 0;
    }
}
