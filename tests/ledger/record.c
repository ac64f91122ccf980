/* A recorder of what a process does to the files below one folder, for simulated power cuts.
 *
 * Preloaded into a process, it lets every call through and appends one record a call to a log, in the order in which
 * the calls returned: writes, changes of length, syncs, renames, removals, and what the process says on its standard
 * output (so that it is known what it had confirmed by then). Shared memory maps are not seen: the only one that
 * SQLite makes, its -shm file, is worthless after a power cut and is made again.
 *
 *   MEALPOINT_RECORD_BELOW  the folder, absolute
 *   MEALPOINT_RECORD_TO     the log
 *
 * A record: op u8 (W write, T truncate, S sync, R rename, L link, U unlink, C create, A said), path length u32, other length
 * u32, offset u64, then path, then the other: data written or said, or a rename's new name. Native byte order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_FD 1024
#define MAX_PATH 512

static char paths[MAX_FD][MAX_PATH];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -2;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static int below(const char *path) {
    const char *folder = getenv("MEALPOINT_RECORD_BELOW");
    return folder && strncmp(path, folder, strlen(folder)) == 0 && strlen(path) < MAX_PATH;
}

static const char *known(int fd) {
    return fd >= 0 && fd < MAX_FD && paths[fd][0] ? paths[fd] : NULL;
}

static void record(char op, const char *path, uint64_t offset, const void *other, uint32_t other_len) {
    struct __attribute__((packed)) { char op; uint32_t path_len, other_len; uint64_t offset; } head;
    ssize_t (*real_write)(int, const void *, size_t) = real("write");
    int (*real_open)(const char *, int, ...) = real("open");
    pthread_mutex_lock(&lock);
    if (log_fd == -2) {
        const char *to = getenv("MEALPOINT_RECORD_TO");
        log_fd = to ? real_open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    }
    if (log_fd >= 0) {
        size_t path_len = strlen(path), total = sizeof head + path_len + other_len;
        char *whole = malloc(total);
        if (!whole) abort();
        head.op = op, head.path_len = (uint32_t)path_len, head.other_len = other_len, head.offset = offset;
        memcpy(whole, &head, sizeof head);
        memcpy(whole + sizeof head, path, path_len);
        if (other_len) memcpy(whole + sizeof head + path_len, other, other_len);
        if (real_write(log_fd, whole, total) != (ssize_t)total) abort();
        free(whole);
    }
    pthread_mutex_unlock(&lock);
}

static int opened(int fd, const char *path, int existed, int flags) {
    if (fd >= 0 && fd < MAX_FD) {
        paths[fd][0] = 0;
        if (below(path)) {
            strcpy(paths[fd], path);
            if (!existed && (flags & O_CREAT)) record('C', path, 0, NULL, 0);
            if (existed && (flags & O_TRUNC)) record('T', path, 0, NULL, 0);
        }
    }
    return fd;
}

#define OPEN(NAME)                                                   \
    int NAME(const char *path, int flags, ...) {                     \
        mode_t mode = 0;                                             \
        if (flags & (O_CREAT | O_TMPFILE)) {                         \
            va_list rest;                                            \
            va_start(rest, flags);                                   \
            mode = va_arg(rest, mode_t);                             \
            va_end(rest);                                            \
        }                                                            \
        int existed = access(path, F_OK) == 0, before = errno;       \
        errno = before;                                              \
        int (*next)(const char *, int, ...) = real(#NAME);           \
        return opened(next(path, flags, mode), path, existed, flags); \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    int (*next)(int) = real("close");
    if (fd >= 0 && fd < MAX_FD) paths[fd][0] = 0;
    return next(fd);
}

ssize_t write(int fd, const void *data, size_t len) {
    ssize_t (*next)(int, const void *, size_t) = real("write");
    const char *path = known(fd);
    off_t at = path ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = next(fd, data, len);
    if (done > 0 && path) record('W', path, (uint64_t)at, data, (uint32_t)done);
    if (done > 0 && fd == 1) record('A', "", 0, data, (uint32_t)done);
    return done;
}

#define PWRITE(NAME, OFFSET)                                                                \
    ssize_t NAME(int fd, const void *data, size_t len, OFFSET at) {                         \
        ssize_t (*next)(int, const void *, size_t, OFFSET) = real(#NAME);                   \
        ssize_t done = next(fd, data, len, at);                                             \
        if (done > 0 && known(fd)) record('W', known(fd), (uint64_t)at, data, (uint32_t)done); \
        return done;                                                                        \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(NAME, OFFSET)                                        \
    int NAME(int fd, OFFSET len) {                                    \
        int (*next)(int, OFFSET) = real(#NAME);                       \
        int done = next(fd, len);                                     \
        if (done == 0 && known(fd)) record('T', known(fd), (uint64_t)len, NULL, 0); \
        return done;                                                  \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(NAME)                                                   \
    int NAME(int fd) {                                               \
        int (*next)(int) = real(#NAME);                              \
        int done = next(fd);                                         \
        if (done == 0 && known(fd)) record('S', known(fd), 0, NULL, 0); \
        return done;                                                 \
    }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to) {
    int (*next)(const char *, const char *) = real("rename");
    int done = next(from, to);
    if (done == 0 && below(from)) record('R', from, 0, to, (uint32_t)strlen(to));
    return done;
}

int link(const char *from, const char *to) {
    int (*next)(const char *, const char *) = real("link");
    int done = next(from, to);
    if (done == 0 && below(from)) record('L', from, 0, to, (uint32_t)strlen(to));
    return done;
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    int (*next)(int, const char *, int, const char *, int) = real("linkat");
    int done = next(from_fd, from, to_fd, to, flags);
    if (done == 0 && below(from)) record('L', from, 0, to, (uint32_t)strlen(to));
    return done;
}

int unlink(const char *path) {
    int (*next)(const char *) = real("unlink");
    int done = next(path);
    if (done == 0 && below(path)) record('U', path, 0, NULL, 0);
    return done;
}
