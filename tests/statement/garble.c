// A medium that does not keep what was written to it: preloaded, write(2) changes one bit of what goes to a file whose path
// holds the text MEALPOINT_GARBLE.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t (*next)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    const char *garble = getenv("MEALPOINT_GARBLE");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t known = readlink(link, path, sizeof path - 1);
    if (!garble || known < 0 || len == 0) return next(fd, data, len);
    path[known] = 0;
    if (!strstr(path, garble)) return next(fd, data, len);
    char *other = malloc(len);
    if (!other) abort();
    memcpy(other, data, len);
    other[len / 2] ^= 1;
    ssize_t done = next(fd, other, len);
    free(other);
    return done;
}
