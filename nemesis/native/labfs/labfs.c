/*
 * A file system over a folder, which can lose what was not synced, fail, be full, or be slow. See README.md.
 *
 *     labfs FOLDER MOUNTPOINT
 */
#define FUSE_USE_VERSION 31
#include "labfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int below = -1;
static ino_t root;

/* Relative to the folder: what is mounted over it, or moved, changes nothing. */
static const char *at(const char *path) { return path[1] ? path + 1 : "."; }
static int done(int result) { return result < 0 ? -errno : 0; }
static struct file *of(struct fuse_file_info *info) { return (struct file *)(uintptr_t)info->fh; }

static int fs_getattr(const char *path, struct stat *about, struct fuse_file_info *info) {
    int result = info ? fstat(file_descriptor(of(info)), about) : fstatat(below, at(path), about, AT_SYMLINK_NOFOLLOW);
    if (result < 0) return -errno;
    lock();
    struct file *file = S_ISREG(about->st_mode) ? file_known(about) : NULL;
    if (file) about->st_size = file_size(file);
    if (!S_ISDIR(about->st_mode)) about->st_nlink -= names_of_lost(about->st_ino);
    unlock();
    return 0;
}

static int fs_readlink(const char *path, char *into, size_t size) {
    ssize_t length = readlinkat(below, at(path), into, size - 1);
    if (length < 0) return -errno;
    into[length] = 0;
    return 0;
}

/* What is new is whose it is that asked for it, not ours. In a user namespace nobody else may be there to give it to. */
static int given(const char *path, int result) {
    const struct fuse_context *asker = fuse_get_context();
    if (result < 0) return -errno;
    lock();
    name_made(at(path));
    unlock();
    if (asker->uid != geteuid() || asker->gid != getegid())
        return done(fchownat(below, at(path), asker->uid, asker->gid, AT_SYMLINK_NOFOLLOW));
    return 0;
}

static int fs_mkdir(const char *path, mode_t mode) {
    int error = trouble_with(WRITE);
    return error ? error : given(path, mkdirat(below, at(path), mode));
}

/* Sockets and pipes; what is written to them never comes here. */
static int fs_mknod(const char *path, mode_t mode, dev_t device) {
    int error = trouble_with(WRITE);
    return error ? error : given(path, mknodat(below, at(path), mode, device));
}

static int fs_unlink(const char *path) {
    lock();
    int error = name_remove(at(path));
    unlock();
    return error;
}

static int fs_symlink(const char *to, const char *path) { return given(path, symlinkat(to, below, at(path))); }

static int fs_rename(const char *from, const char *to, unsigned flags) {
    lock();
    int error = name_move(at(from), at(to), flags);
    unlock();
    return error;
}

static int fs_link(const char *from, const char *to) {
    if (linkat(below, at(from), below, at(to), 0) < 0) return -errno;
    lock();
    name_made(at(to));
    unlock();
    return 0;
}

static int fs_chmod(const char *path, mode_t mode, struct fuse_file_info *info) {
    return done(info ? fchmod(file_descriptor(of(info)), mode) : fchmodat(below, at(path), mode, 0));
}

static int fs_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *info) {
    return done(info ? fchown(file_descriptor(of(info)), uid, gid)
                     : fchownat(below, at(path), uid, gid, AT_SYMLINK_NOFOLLOW));
}

static int fs_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *info) {
    return done(info ? futimens(file_descriptor(of(info)), times)
                     : utimensat(below, at(path), times, AT_SYMLINK_NOFOLLOW));
}

static int fs_statfs(const char *path, struct statvfs *about) {
    (void)path;
    return done(fstatvfs(below, about));
}

static int open_with(const char *path, int flags, mode_t mode, struct fuse_file_info *info) {
    bool empty = flags & O_TRUNC;
    flags &= ~(O_TRUNC | O_APPEND | O_DIRECT | O_SYNC | O_DSYNC);
    int fd = openat(below, at(path), flags | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return -errno;
    lock();
    struct file *file = file_open(fd);
    int error = file ? 0 : -errno;
    if (file && empty) error = file_truncate(file, 0);
    unlock();
    close(fd);
    info->fh = (uintptr_t)file;
    return error;
}

static int fs_open(const char *path, struct fuse_file_info *info) { return open_with(path, info->flags, 0, info); }

static int fs_release(const char *path, struct fuse_file_info *info) {
    (void)path;
    lock();
    file_close(of(info));
    unlock();
    return 0;
}

static int fs_create(const char *path, mode_t mode, struct fuse_file_info *info) {
    int error = trouble_with(WRITE);
    if (!error) error = open_with(path, info->flags | O_CREAT, mode, info);
    if (error) return error;
    error = given(path, 0);
    if (error) fs_release(path, info);
    return error;
}

static int fs_read(const char *path, char *into, size_t size, off_t offset, struct fuse_file_info *info) {
    (void)path;
    int error = trouble_with(READ);
    if (error) return error;
    lock();
    ssize_t result = file_read(of(info), into, size, offset);
    unlock();
    return result;
}

static int fs_write(const char *path, const char *from, size_t size, off_t offset, struct fuse_file_info *info) {
    (void)path;
    bool synced = info->flags & (O_SYNC | O_DSYNC);
    int error = trouble_with(WRITE);
    if (!error && synced) error = trouble_with(SYNC);
    if (error) return error;
    lock();
    ssize_t result = file_write(of(info), from, size, offset);
    if (result >= 0 && synced && (error = file_sync(of(info)))) result = error;
    unlock();
    return result;
}

static int fs_truncate(const char *path, off_t size, struct fuse_file_info *info) {
    int error = trouble_with(WRITE);
    if (error) return error;
    int fd = info ? -1 : openat(below, at(path), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (!info && fd < 0) return -errno;
    lock();
    struct file *file = info ? of(info) : file_open(fd);
    error = file ? file_truncate(file, size) : -errno;
    if (file && !info) file_close(file);
    unlock();
    if (fd >= 0) close(fd);
    return error;
}

/* Nobody needs a real sync here: what survives the real machine's power failure is not the question. */
static int fs_fsync(const char *path, int data_only, struct fuse_file_info *info) {
    (void)path, (void)data_only;
    int error = trouble_with(SYNC);
    if (error) return error;
    lock();
    error = file_sync(of(info));
    unlock();
    return error;
}

static int fs_fsyncdir(const char *path, int data_only, struct fuse_file_info *info) {
    (void)path, (void)data_only;
    int error = trouble_with(SYNC);
    struct stat about;
    if (error) return error;
    if (fstat(dirfd((DIR *)(uintptr_t)info->fh), &about) < 0) return -errno;
    lock();
    names_synced(about.st_ino);
    unlock();
    return 0;
}

static int fs_fallocate(const char *path, int mode, off_t offset, off_t length, struct fuse_file_info *info) {
    (void)path;
    if (mode & ~FALLOC_FL_KEEP_SIZE) return -EOPNOTSUPP;
    int error = trouble_with(WRITE);
    if (error || mode) return error;
    lock();
    file_extend(of(info), offset + length);
    unlock();
    return 0;
}

static int fs_opendir(const char *path, struct fuse_file_info *info) {
    int fd = openat(below, at(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    info->fh = (uintptr_t)folder;
    return folder ? 0 : -errno;
}

static int fs_releasedir(const char *path, struct fuse_file_info *info) {
    (void)path;
    closedir((DIR *)(uintptr_t)info->fh);
    return 0;
}

/* All of it at once: a list that is read in pieces would have to be the same in between. */
static int fs_readdir(const char *path, void *into, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
                      enum fuse_readdir_flags flags) {
    (void)path, (void)offset, (void)flags;
    DIR *folder = (DIR *)(uintptr_t)info->fh;
    struct stat self;
    bool top = fstat(dirfd(folder), &self) == 0 && self.st_ino == root;
    rewinddir(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (top && !strcmp(entry->d_name, LOST)) continue;
        struct stat about = {.st_ino = entry->d_ino, .st_mode = entry->d_type << 12};
        if (fill(into, entry->d_name, &about, 0, 0)) break;
    }
    return 0;
}

/* The kernel remembers nothing: what a crash takes away must not be seen by anyone. */
static void *fs_init(struct fuse_conn_info *connection, struct fuse_config *config) {
    (void)connection;
    config->use_ino = config->hard_remove = config->nullpath_ok = 1;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    return NULL;
}

static const struct fuse_operations operations = {
    .init = fs_init, .getattr = fs_getattr, .readlink = fs_readlink, .mkdir = fs_mkdir, .mknod = fs_mknod,
    .unlink = fs_unlink, .rmdir = fs_unlink, .symlink = fs_symlink, .rename = fs_rename, .link = fs_link,
    .chmod = fs_chmod, .chown = fs_chown, .utimens = fs_utimens, .statfs = fs_statfs, .open = fs_open, .create = fs_create,
    .release = fs_release, .read = fs_read, .write = fs_write, .truncate = fs_truncate, .fsync = fs_fsync,
    .fsyncdir = fs_fsyncdir, .fallocate = fs_fallocate, .opendir = fs_opendir, .readdir = fs_readdir,
    .releasedir = fs_releasedir,
};

static struct fuse *fuse;

/* Its end is ours: the file system goes, and the folder below holds what was durable. */
static void *listen_to_stdin(void *nothing) {
    (void)nothing;
    static char line[4096];
    while (fgets(line, sizeof line, stdin)) command_run(line);
    fuse_unmount(fuse);
    lock();
    names_end();
    _exit(0);
}

int main(int count, char **words) {
    if (count != 3) return fprintf(stderr, "labfs FOLDER MOUNTPOINT\n"), 2;
    below = open(words[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (below < 0) return fprintf(stderr, "%s: %s\n", words[1], strerror(errno)), 1;
    struct stat about;
    if (fstat(below, &about) < 0 || names_start(below) < 0) return perror(words[1]), 1;
    root = about.st_ino;
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(0);
    srand48(getpid());
    signal(SIGINT, SIG_IGN);
    char *options[] = {"labfs", "-o", "allow_other,default_permissions,fsname=labfs", NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, options);
    fuse = fuse_new(&arguments, &operations, sizeof operations, NULL);
    if (!fuse || fuse_mount(fuse, words[2]) != 0) return 1;
    pthread_t listener;
    if (pthread_create(&listener, NULL, listen_to_stdin, NULL) != 0) return 1;
    int result = fuse_loop_mt(fuse, 0);
    fuse_unmount(fuse);
    return result != 0;
}
