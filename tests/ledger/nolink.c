// A file system without hard links, such as the FAT of a stick: preloaded, link(2) and linkat(2) are refused as there.
#include <errno.h>
#include <unistd.h>

int link(const char *from, const char *to)
{
    (void)from;
    (void)to;
    errno = EPERM;
    return -1;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    (void)from_folder;
    (void)from;
    (void)to_folder;
    (void)to;
    (void)flags;
    errno = EPERM;
    return -1;
}
