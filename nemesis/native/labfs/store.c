/*
 * What is in files. The file below holds what is durable; pages that were written since are here, in memory, each as a whole.
 *
 *     below    │ old │ old │ old │            durable size
 *     pages          │ new │     │ new │            size
 *     readers  │ old │ new │ old │ new │
 *
 * A sync writes the pages to the file below. A crash forgets them.
 */
#include "labfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As kernels do: who writes and never syncs has it written some time, here when this much is waiting. 256 MiB. */
#define PAGES_AT_MOST 65536
#define BUCKETS 4096

struct page {
    off_t number;
    char data[PAGE];
    struct page *next;
};

struct file {
    ino_t inode;
    int fd;
    int users;
    /* As readers see it, and as it would be after a crash. */
    off_t size, durable;
    long pages, slots;
    struct page **slot;
    struct file *next;
};

static struct file *files[BUCKETS];
static long pages_now;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void lock(void) { pthread_mutex_lock(&mutex); }
void unlock(void) { pthread_mutex_unlock(&mutex); }

static void *allot(size_t count, size_t size) {
    void *made = calloc(count, size);
    if (!made) abort();
    return made;
}

struct file *file_known(const struct stat *about) {
    struct file *file = files[about->st_ino % BUCKETS];
    while (file && file->inode != about->st_ino) file = file->next;
    return file;
}

struct file *file_open(int fd) {
    struct stat about;
    if (fstat(fd, &about) < 0) return NULL;
    struct file *file = file_known(&about);
    if (!file) {
        /* One of our own, that can be read and written however this one was opened. */
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int own = open(path, O_RDWR | O_CLOEXEC);
        if (own < 0) own = open(path, O_RDONLY | O_CLOEXEC);
        if (own < 0) return NULL;
        file = allot(1, sizeof *file);
        *file = (struct file){.inode = about.st_ino, .fd = own, .size = about.st_size, .durable = about.st_size, .slots = 16};
        file->slot = allot(file->slots, sizeof *file->slot);
        file->next = files[file->inode % BUCKETS];
        files[file->inode % BUCKETS] = file;
    }
    file->users++;
    return file;
}

static void forget_pages(struct file *file) {
    for (long i = 0; i < file->slots; i++)
        for (struct page *page; (page = file->slot[i]);) {
            file->slot[i] = page->next;
            free(page);
        }
    pages_now -= file->pages;
    file->pages = 0;
}

/* Nobody has it open, and nothing is to be remembered of it: all is durable, or it has no name any more. */
static void tidy(struct file *file) {
    struct stat about;
    if (file->users > 0) return;
    bool gone = fstat(file->fd, &about) == 0 && about.st_nlink == 0;
    if (!gone && (file->pages > 0 || file->size != file->durable)) return;
    forget_pages(file);
    struct file **at = &files[file->inode % BUCKETS];
    while (*at != file) at = &(*at)->next;
    *at = file->next;
    close(file->fd);
    free(file->slot);
    free(file);
}

void file_close(struct file *file) {
    file->users--;
    tidy(file);
}

void file_unnamed(const struct stat *about) {
    struct file *file = file_known(about);
    if (file) tidy(file);
}

off_t file_size(const struct file *file) { return file->size; }
int file_descriptor(const struct file *file) { return file->fd; }

static struct page **place_of(struct file *file, off_t number) {
    struct page **at = &file->slot[number % file->slots];
    while (*at && (*at)->number != number) at = &(*at)->next;
    return at;
}

static void make_room(struct file *file) {
    if (file->pages < 2 * file->slots) return;
    long slots = file->slots;
    struct page **old = file->slot;
    file->slot = allot(file->slots = 4 * slots, sizeof *file->slot);
    for (long i = 0; i < slots; i++)
        for (struct page *page; (page = old[i]);) {
            old[i] = page->next;
            struct page **head = &file->slot[page->number % file->slots];
            page->next = *head;
            *head = page;
        }
    free(old);
}

/* All of it, where nothing goes wrong. */
static int read_below(int fd, char *into, size_t size, off_t at) {
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, into + done, size - done, at + done);
        if (got < 0) return -errno;
        if (got == 0) break;
        done += got;
    }
    return 0;
}

static int write_below(int fd, const char *from, size_t size, off_t at) {
    for (size_t done = 0; done < size;) {
        ssize_t put = pwrite(fd, from + done, size - done, at + done);
        if (put < 0) return -errno;
        done += put;
    }
    return 0;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

ssize_t file_read(struct file *file, char *into, size_t size, off_t at) {
    if (at >= file->size) return 0;
    size = least(size, file->size - at);
    memset(into, 0, size);
    if (at < file->durable) {
        int error = read_below(file->fd, into, least(size, file->durable - at), at);
        if (error) return error;
    }
    for (size_t done = 0; file->pages && done < size;) {
        off_t number = (at + done) / PAGE, offset = (at + done) % PAGE;
        size_t part = least(PAGE - offset, size - done);
        struct page *page = *place_of(file, number);
        if (page) memcpy(into + done, page->data + offset, part);
        done += part;
    }
    return size;
}

ssize_t file_write(struct file *file, const char *from, size_t size, off_t at) {
    for (size_t done = 0; done < size;) {
        off_t number = (at + done) / PAGE, offset = (at + done) % PAGE;
        size_t part = least(PAGE - offset, size - done);
        struct page **place = place_of(file, number), *page = *place;
        if (!page) {
            page = allot(1, sizeof *page);
            page->number = number;
            if (part < PAGE && number * PAGE < file->durable) {
                int error = read_below(file->fd, page->data, least(PAGE, file->durable - number * PAGE), number * PAGE);
                if (error) return free(page), error;
            }
            make_room(file);
            place = place_of(file, number);
            *place = page;
            file->pages++;
            pages_now++;
        }
        memcpy(page->data + offset, from + done, part);
        done += part;
    }
    if (at + (off_t)size > file->size) file->size = at + size;
    if (pages_now > PAGES_AT_MOST) {
        int error = file_sync(file);
        if (error) return error;
    }
    return size;
}

static int write_page(struct file *file, const struct page *page) {
    off_t at = page->number * PAGE;
    if (at >= file->size) return 0;
    int error = write_below(file->fd, page->data, least(PAGE, file->size - at), at);
    return error;
}

int file_sync(struct file *file) {
    for (long i = 0; i < file->slots; i++)
        for (struct page *page = file->slot[i]; page; page = page->next) {
            int error = write_page(file, page);
            if (error) return error;
        }
    forget_pages(file);
    if (file->durable != file->size && ftruncate(file->fd, file->size) < 0) return -errno;
    file->durable = file->size;
    return 0;
}

void file_extend(struct file *file, off_t size) {
    if (size > file->size) file->size = size;
}

/* What is cut off is gone at once, and with it goes out what was written before. */
int file_truncate(struct file *file, off_t size) {
    if (size >= file->size) return file_extend(file, size), 0;
    int error = file_sync(file);
    if (error) return error;
    if (ftruncate(file->fd, size) < 0) return -errno;
    file->size = file->durable = size;
    return 0;
}

static void crash(struct file *file, double keep, long *lost, long *kept) {
    for (long i = 0; i < file->slots; i++)
        for (struct page *page = file->slot[i]; page; page = page->next) {
            off_t end = (page->number + 1) * PAGE;
            bool survives = keep > 0 && drand48() < keep && write_page(file, page) == 0;
            ++*(survives ? kept : lost);
            if (survives && end > file->durable) file->durable = end < file->size ? end : file->size;
        }
    forget_pages(file);
    file->size = file->durable;
}

void store_crash(double keep, long *lost, long *kept) {
    *lost = *kept = 0;
    for (long i = 0; i < BUCKETS; i++)
        for (struct file *file = files[i], *next; file; file = next) {
            next = file->next;
            crash(file, keep, lost, kept);
            tidy(file);
        }
}

int store_sync(void) {
    int first = 0;
    for (long i = 0; i < BUCKETS; i++)
        for (struct file *file = files[i], *next; file; file = next) {
            next = file->next;
            int error = file_sync(file);
            if (!first) first = error;
            tidy(file);
        }
    return first;
}
