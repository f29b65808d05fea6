/* Makes one write of a process fail, for tests of the node: preloaded before the C library.
 *
 * FAULT_DIR   only files below this directory count
 * FAULT_AT    the call that fails, counted from 1
 * FAULT_KIND  "before": nothing is done; "after": all is done and yet failure reported; "half": half is written
 * FAULT_NOTE  file that gets the call and the path once it has failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static _Thread_local char told[64 + PATH_MAX];

static int below(const char *path) {
    const char *dir = getenv("FAULT_DIR");
    size_t len = dir ? strlen(dir) : 0;
    const char *name = strrchr(path, '/');
    /* What stands in the lock is for people, and nobody relies on it. */
    return len && !strncmp(path, dir, len) && path[len] == '/' && name && strcmp(name, "/lock");
}

static int due(const char *call, const char *path) {
    const char *at = getenv("FAULT_AT");
    if (!at || !below(path) || atomic_fetch_add(&calls, 1) + 1 != atol(at)) return 0;
    snprintf(told, sizeof told, "%s %s\n", call, path);
    return 1;
}

static int due_fd(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0) return 0;
    path[len] = 0;
    return due(call, path);
}

static int kind(const char *name) {
    const char *kind = getenv("FAULT_KIND");
    return kind && !strcmp(kind, name);
}

/* Noted when the process is told, not before: what is done of the call may take its time. */
static int failed(void) {
    const char *note = getenv("FAULT_NOTE");
    int fd = note ? open(note, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd >= 0) {
        dprintf(fd, "%s", told);
        close(fd);
    }
    errno = EIO;
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!due_fd("write", fd)) return REAL(write)(fd, bytes, count);
    if (kind("half")) count /= 2;
    if (!kind("before")) REAL(write)(fd, bytes, count);
    return failed();
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    if (!due_fd("pwrite", fd)) return REAL(pwrite)(fd, bytes, count, offset);
    /* Whole blocks, as O_DIRECT asks for. */
    if (kind("half")) count = count / 2 / 4096 * 4096;
    if (!kind("before") && count) REAL(pwrite)(fd, bytes, count, offset);
    return failed();
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    if (!due_fd("pwrite64", fd)) return REAL(pwrite64)(fd, bytes, count, offset);
    if (kind("half")) count = count / 2 / 4096 * 4096;
    if (!kind("before") && count) REAL(pwrite64)(fd, bytes, count, offset);
    return failed();
}

int fdatasync(int fd) {
    if (!due_fd("fdatasync", fd)) return REAL(fdatasync)(fd);
    if (kind("after")) REAL(fdatasync)(fd);
    return failed();
}

int fsync(int fd) {
    if (!due_fd("fsync", fd)) return REAL(fsync)(fd);
    if (kind("after")) REAL(fsync)(fd);
    return failed();
}

int ftruncate64(int fd, off64_t length) {
    if (!due_fd("ftruncate64", fd)) return REAL(ftruncate64)(fd, length);
    if (kind("after")) REAL(ftruncate64)(fd, length);
    return failed();
}

int rename(const char *from, const char *to) {
    if (!due("rename", to)) return REAL(rename)(from, to);
    if (kind("after")) REAL(rename)(from, to);
    return failed();
}
