/*
 * What files are called. Names are changed below at once, and each change is remembered until a folder that it was in is synced, so that
 * a crash can take it back. Changes are kept in their order, as a journal is: what is durable is always a beginning of them, so that
 * a crash leaves names as they were at some moment, and a file that was moved is in one place.
 *
 *     made a    moved a to b    removed c    made d
 *     ───────────────────────► durable, after a sync of the folder of b
 *                              ╳ taken back by a crash, the last first
 *
 * What was removed, or had its name taken, lies in the folder LOST until that is durable.
 */
#include "labfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As kernels do: what nobody syncs is durable some time, here when so many changes are waiting. */
#define CHANGES_AT_MOST 1024

struct change {
    enum { MADE, REMOVED, MOVED, SWAPPED } what;
    char *name, *to;
    /* Of the folders that the names are in. */
    ino_t in[2];
    /* What lies in LOST for it, by its number there; 0 for nothing. */
    long lost;
    ino_t inode;
};

/* The oldest first. */
static struct change changes[CHANGES_AT_MOST];
static int waiting;
static long buried, lying;
static int below = -1;

int names_start(int folder) {
    below = folder;
    return mkdirat(below, LOST, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static bool look(const char *name, struct stat *about) { return fstatat(below, name, about, AT_SYMLINK_NOFOLLOW) == 0; }

static ino_t folder_of(const char *name) {
    char folder[4096] = ".";
    const char *end = strrchr(name, '/');
    struct stat about;
    if (end && end - name < (long)sizeof folder) snprintf(folder, sizeof folder, "%.*s", (int)(end - name), name);
    return fstatat(below, folder, &about, 0) == 0 ? about.st_ino : 0;
}

static const char *place(long number) {
    static char path[64];
    snprintf(path, sizeof path, LOST "/%ld", number);
    return path;
}

static int remove_name(const char *name) {
    struct stat about;
    if (!look(name, &about)) return -errno;
    if (unlinkat(below, name, S_ISDIR(about.st_mode) ? AT_REMOVEDIR : 0) < 0) return -errno;
    if (S_ISREG(about.st_mode)) file_unnamed(&about);
    return 0;
}

/* The oldest so many are durable. */
static void settle(int count) {
    for (int i = 0; i < count; i++) {
        if (changes[i].lost && (remove_name(place(changes[i].lost)) == 0)) lying--;
        free(changes[i].name);
        free(changes[i].to);
    }
    memmove(changes, changes + count, (waiting - count) * sizeof *changes);
    waiting -= count;
}

static void remember(struct change change, const char *name, const char *to) {
    if (waiting == CHANGES_AT_MOST) settle(CHANGES_AT_MOST / 2);
    change.name = strdup(name);
    change.to = to ? strdup(to) : NULL;
    change.in[0] = folder_of(name);
    change.in[1] = to ? folder_of(to) : 0;
    changes[waiting++] = change;
}

void name_made(const char *name) { remember((struct change){.what = MADE}, name, NULL); }

static bool is_empty(const char *name) {
    int fd = openat(below, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    bool empty = folder;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) empty = false;
    if (folder) closedir(folder);
    return empty;
}

/* Has it lie in LOST: a folder, which is to be empty, instead of where it was, a file as well. The number there, or a negative error. */
static long bury(const char *name, const struct stat *about) {
    bool folder = S_ISDIR(about->st_mode);
    if (folder && !is_empty(name)) return -ENOTEMPTY;
    const char *to = place(++buried);
    int result = folder ? renameat(below, name, below, to) : linkat(below, name, below, to, 0);
    if (result < 0) return -errno;
    lying++;
    return buried;
}

static void unearth(long number, const char *name) {
    if (renameat(below, place(number), below, name) < 0) fprintf(stderr, "labfs: %s is lost: %s\n", name, strerror(errno));
    /* Two names of the same file: a rename leaves both. */
    unlinkat(below, place(number), 0);
    lying--;
}

int name_remove(const char *name) {
    struct stat about;
    if (!look(name, &about)) return -errno;
    long lost = bury(name, &about);
    if (lost < 0) return lost;
    if (!S_ISDIR(about.st_mode) && unlinkat(below, name, 0) < 0) {
        int error = errno;
        unearth(lost, name);
        return -error;
    }
    remember((struct change){.what = REMOVED, .lost = lost, .inode = about.st_ino}, name, NULL);
    return 0;
}

int name_move(const char *from, const char *to, unsigned flags) {
    struct stat moved, taken;
    if (!look(from, &moved)) return -errno;
    bool there = look(to, &taken);
    if (flags & RENAME_EXCHANGE) {
        if (renameat2(below, from, below, to, flags) < 0) return -errno;
        remember((struct change){.what = SWAPPED}, from, to);
        return 0;
    }
    if (there && (flags & RENAME_NOREPLACE)) return -EEXIST;
    if (there && taken.st_ino == moved.st_ino) return 0;
    long lost = there ? bury(to, &taken) : 0;
    if (lost < 0) return lost;
    if (renameat2(below, from, below, to, flags) < 0) {
        int error = errno;
        if (lost) unearth(lost, to);
        return -error;
    }
    remember((struct change){.what = MOVED, .lost = lost, .inode = taken.st_ino}, from, to);
    return 0;
}

void names_synced(ino_t folder) {
    int last = waiting;
    while (last > 0 && changes[last - 1].in[0] != folder && changes[last - 1].in[1] != folder) last--;
    settle(last);
}

static void take_back(struct change *change) {
    int result = 0;
    if (change->what == MADE) result = remove_name(change->name);
    if (change->what == MOVED) result = renameat(below, change->to, below, change->name);
    if (change->what == SWAPPED) result = renameat2(below, change->name, below, change->to, RENAME_EXCHANGE);
    if (result < 0) fprintf(stderr, "labfs: %s cannot be taken back: %s\n", change->name, strerror(errno));
    if (change->lost) unearth(change->lost, change->what == MOVED ? change->to : change->name);
    free(change->name);
    free(change->to);
}

long names_crash(double keep) {
    int kept = keep * waiting, lost = waiting - kept;
    while (waiting > kept) take_back(&changes[--waiting]);
    settle(waiting);
    return lost;
}

long names_of_lost(ino_t inode) {
    long count = 0;
    for (int i = 0; lying && i < waiting; i++) count += changes[i].lost && changes[i].inode == inode;
    return count;
}

void names_settle(void) { settle(waiting); }

void names_end(void) {
    settle(waiting);
    unlinkat(below, LOST, AT_REMOVEDIR);
}
