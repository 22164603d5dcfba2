/* The parts of the file system, and what each offers the others. */
#pragma once
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define PAGE 4096

/* --- store.c: what is in files, as readers see it, and as much of it as is durable. One thread at a time: under `lock`. */

/* A file with anything about it that is not durable, or that is open. */
struct file;

void lock(void);
void unlock(void);

/* The file that is open as `fd`, which stays the caller's. Each is given back by file_close. */
struct file *file_open(int fd);
void file_close(struct file *file);
/* The same, for one that is known already; NULL otherwise. */
struct file *file_known(const struct stat *about);
/* One of its names is gone: if that was the last, and nobody has it open, it is forgotten. */
void file_unnamed(const struct stat *about);

off_t file_size(const struct file *file);
int file_descriptor(const struct file *file);
/* These answer as a file system does: a count, or 0, or a negative error. */
ssize_t file_read(struct file *file, char *into, size_t size, off_t at);
ssize_t file_write(struct file *file, const char *from, size_t size, off_t at);
int file_truncate(struct file *file, off_t size);
void file_extend(struct file *file, off_t size);
int file_sync(struct file *file);

/* All that is in files is durable. */
int store_sync(void);
/* Loses what is not durable in any file; of each page that was written, it survives with a probability of `keep`. */
void store_crash(double keep, long *lost, long *kept);

/* --- names.c: what files are called, and how much of it is durable. Names are paths in the folder below. Under `lock`. */

#define LOST ".lost"

int names_start(int folder);
/* Something new was made that is called so. */
void name_made(const char *name);
/* As unlink or rmdir, and rename. */
int name_remove(const char *name);
int name_move(const char *from, const char *to, unsigned flags);
/* A folder is synced: what was done to its names is durable, and what was done before that. */
void names_synced(ino_t folder);
/* A share of what was done to names is kept, from the oldest on; the rest never was. Answers how many changes that are. */
long names_crash(double keep);
/* How many names in LOST a file has: nobody else may count them. */
long names_of_lost(ino_t inode);
void names_settle(void);
void names_end(void);

/* --- trouble.c: what goes wrong with operations. */

enum operation { READ, WRITE, SYNC, OPERATIONS };

/* Waits as long as it takes now, and answers 0 or a negative error. Not under the lock. */
int trouble_with(enum operation operation);
bool trouble_parse(const char *operation, const char *error, const char *share, const char *delay);

/* --- command.c: what is asked on stdin. */

/* Carries out one line, and answers it on stdout. */
void command_run(char *line);
