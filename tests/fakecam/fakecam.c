/*
 * A V4L2 camera that is not there, for the tests of the camera room.
 *
 * Preloaded into a process (LD_PRELOAD), this library answers for one device node and leaves every other file alone.
 * The process under test is unmodified: nokhwa opens the node, asks for its formats, maps its buffers, queues and
 * dequeues them, and polls its descriptor, all through libc.
 *
 * What stands for what:
 *   - the descriptor is a timerfd that ticks at the frame rate, so that poll() blocks and wakes as for a camera;
 *   - the buffers lie in a memfd that mmap() of the descriptor is redirected to;
 *   - the exclusive use of a streaming camera is a lock on the folder's file `lock`, held by the process that streams
 *     and freed by the kernel when it dies, as a real device is.
 *
 * The folder named by FAKECAM holds everything else:
 *   device    the node to answer for, such as /dev/video7
 *   formats   lines of FOURCC WIDTH HEIGHT RATE [RATE_DENOMINATOR], as the camera offers them; the first is its format
 *             when it is opened
 *   mode      one word, read anew at every call; see `enum mode`
 *   0.frame, 1.frame, ...   the pictures, shown in turn: JPEG files, or raw bytes for uncompressed formats
 *   events    a line is appended for each thing that happens, for a test to wait for
 *   taken     a byte is appended for each picture that is dequeued
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_BUFFERS = 8, MAX_FORMATS = 16, BUFFER_BYTES = 4 << 20, SET_ASIDE = 64 };

/* ---- what the test asks for ------------------------------------------------------------------------------------- */

enum mode {
    RUN,         /* a healthy camera */
    STALL,       /* open and streaming, and no picture comes: poll() waits for ever */
    HANG,        /* a driver that hangs inside the call for the next picture */
    HANG_OPEN,   /* a driver that hangs inside open() */
    UNPLUGGED,   /* the node is gone; whoever has it open gets ENODEV */
    EIO_ONCE,    /* the next dequeue fails with EIO; the word then becomes `run` by itself */
    EIO_ALWAYS,  /* every dequeue fails with EIO */
    GARBAGE,     /* buffers full of noise */
    CORRUPT,     /* pictures whose middle is overwritten */
    TRUNCATE,    /* pictures cut off half-way; what an older picture left stays behind the cut, as in a real buffer */
    NO_HUFFMAN,  /* JPEG without its Huffman tables, as many webcams send */
    BUSY,        /* another program streams */
    DENIED,      /* the user may not open the node */
    STUBBORN,    /* formats are offered and not set */
    NO_CAMERA,   /* a node that takes no pictures, such as the metadata node of a webcam */
};

static const struct { const char *word; enum mode mode; } MODES[] = {
    {"run", RUN},           {"stall", STALL},       {"hang", HANG},           {"hang-open", HANG_OPEN},
    {"unplugged", UNPLUGGED}, {"eio-once", EIO_ONCE}, {"eio", EIO_ALWAYS},    {"garbage", GARBAGE},
    {"corrupt", CORRUPT},   {"truncate", TRUNCATE}, {"no-huffman", NO_HUFFMAN}, {"busy", BUSY},
    {"denied", DENIED},     {"no-camera", NO_CAMERA}, {"stubborn", STUBBORN},
};

struct format { uint32_t fourcc, width, height, rate, rate_denominator; };

static struct {
    const char *folder;
    char device[64];
    struct format formats[MAX_FORMATS];
    unsigned format_count;
} test;

/* ---- the device as one process sees it -------------------------------------------------------------------------- */

static struct {
    int fd, memory, lock;
    unsigned char *buffers;
    struct format format;
    unsigned buffer_count, sequence;
    int streaming;
    unsigned queue[MAX_BUFFERS], queued;
} camera = {.fd = -1, .memory = -1, .lock = -1};

static long (*real_syscall)(long, ...);
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_ioctl)(int, unsigned long, ...);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

static int fail(int error) { errno = error; return -1; }

static int open_in_folder(const char *name, int flags) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", test.folder, name);
    return real_open(path, flags | O_CLOEXEC, 0600);
}

static size_t read_file(const char *name, void *into, size_t room) {
    int fd = open_in_folder(name, O_RDONLY);
    size_t total = 0;
    ssize_t got;
    if (fd < 0) return 0;
    while (total < room && (got = read(fd, (char *)into + total, room - total)) > 0) total += (size_t)got;
    real_close(fd);
    return total;
}

static void append(const char *name, const char *text) {
    size_t length = strlen(text);
    int fd = open_in_folder(name, O_WRONLY | O_CREAT | O_APPEND);
    if (fd < 0) return;
    if (write(fd, text, length) != (ssize_t)length) abort();
    real_close(fd);
}

static void event(const char *what) {
    char line[SET_ASIDE];
    snprintf(line, sizeof line, "%s %d\n", what, (int)getpid());
    append("events", line);
}

static enum mode mode(void) {
    char word[SET_ASIDE] = {0};
    read_file("mode", word, sizeof word - 1);
    word[strcspn(word, " \n")] = 0;
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++)
        if (!strcmp(word, MODES[i].word)) return MODES[i].mode;
    return RUN; /* the file is being replaced */
}

static void become_healthy(void) {
    int fd = open_in_folder("mode", O_WRONLY | O_TRUNC);
    if (fd < 0 || write(fd, "run\n", 4) != 4) abort();
    real_close(fd);
}

__attribute__((constructor)) static void start(void) {
    char text[1024] = {0};
    real_syscall = dlsym(RTLD_NEXT, "syscall");
    real_open = dlsym(RTLD_NEXT, "open");
    real_close = dlsym(RTLD_NEXT, "close");
    real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    real_mmap = dlsym(RTLD_NEXT, "mmap");
    test.folder = getenv("FAKECAM");
    if (!test.folder) return;
    read_file("device", test.device, sizeof test.device - 1);
    test.device[strcspn(test.device, "\n")] = 0;
    read_file("formats", text, sizeof text - 1);
    for (char *line = strtok(text, "\n"); line && test.format_count < MAX_FORMATS; line = strtok(NULL, "\n")) {
        struct format *f = &test.formats[test.format_count];
        char code[5] = {0};
        f->rate_denominator = 1;
        if (sscanf(line, "%4s %u %u %u %u", code, &f->width, &f->height, &f->rate, &f->rate_denominator) < 4) abort();
        f->fourcc = v4l2_fourcc(code[0], code[1], code[2], code[3]);
        test.format_count++;
    }
    if (!test.format_count) abort();
    camera.format = test.formats[0];
}

static void hang(const char *what) {
    event(what);
    for (;;) pause();
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static int is_camera(const char *path) { return test.folder && path && !strcmp(path, test.device); }

static int camera_open(void) {
    switch (mode()) {
    case UNPLUGGED: return fail(ENOENT);
    case DENIED: return fail(EACCES);
    case HANG_OPEN: hang("hanging-in-open"); break;
    default: break;
    }
    if (camera.fd >= 0) return fail(EBUSY);
    camera.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    camera.memory = memfd_create("fakecam", MFD_CLOEXEC);
    camera.lock = open_in_folder("lock", O_RDWR | O_CREAT);
    if (camera.fd < 0 || camera.memory < 0 || camera.lock < 0) abort();
    if (ftruncate(camera.memory, (off_t)BUFFER_BYTES * MAX_BUFFERS)) abort();
    camera.buffers =
        real_mmap(NULL, (size_t)BUFFER_BYTES * MAX_BUFFERS, PROT_READ | PROT_WRITE, MAP_SHARED, camera.memory, 0);
    if (camera.buffers == MAP_FAILED) abort();
    camera.format = test.formats[0];
    event("opened");
    return camera.fd;
}

static void camera_close(void) {
    munmap(camera.buffers, (size_t)BUFFER_BYTES * MAX_BUFFERS);
    real_close(camera.memory);
    real_close(camera.lock);
    camera.fd = camera.memory = camera.lock = -1;
    camera.buffer_count = camera.queued = 0;
    camera.streaming = 0;
    event("closed");
}

/* ---- formats ---------------------------------------------------------------------------------------------------- */

static uint32_t image_bytes(const struct format *f) {
    uint32_t pixels = f->width * f->height;
    switch (f->fourcc) {
    case V4L2_PIX_FMT_MJPEG: return BUFFER_BYTES;
    case V4L2_PIX_FMT_NV12: return pixels * 3 / 2;
    default: return pixels * 2;
    }
}

static void describe_format(const struct format *f, struct v4l2_pix_format *pix) {
    memset(pix, 0, sizeof *pix);
    pix->width = f->width;
    pix->height = f->height;
    pix->pixelformat = f->fourcc;
    pix->field = V4L2_FIELD_NONE;
    pix->colorspace = V4L2_COLORSPACE_SRGB;
    pix->sizeimage = image_bytes(f);
    pix->bytesperline = f->fourcc == V4L2_PIX_FMT_YUYV ? f->width * 2 : 0;
}

/* As drivers do: an unknown format becomes one of the camera's own. */
static const struct format *nearest_format(const struct v4l2_pix_format *wanted) {
    for (unsigned i = 0; i < test.format_count; i++) {
        const struct format *f = &test.formats[i];
        if (f->fourcc == wanted->pixelformat && f->width == wanted->width && f->height == wanted->height) return f;
    }
    return &test.formats[0];
}

/* The `index`th distinct format that agrees with the given fields (0: any), told apart by what `differ` compares. */
static const struct format *distinct(unsigned index, uint32_t fourcc, uint32_t width, uint32_t height,
                                     int (*same)(const struct format *, const struct format *)) {
    for (unsigned i = 0; i < test.format_count; i++) {
        const struct format *f = &test.formats[i];
        int seen = 0;
        if ((fourcc && f->fourcc != fourcc) || (width && f->width != width) || (height && f->height != height)) continue;
        for (unsigned j = 0; j < i; j++) {
            const struct format *g = &test.formats[j];
            if ((!fourcc || g->fourcc == fourcc) && (!width || g->width == width) && (!height || g->height == height))
                seen |= same(f, g);
        }
        if (!seen && index-- == 0) return f;
    }
    return NULL;
}

static int same_code(const struct format *a, const struct format *b) { return a->fourcc == b->fourcc; }
static int same_size(const struct format *a, const struct format *b) {
    return a->width == b->width && a->height == b->height;
}
static int same_rate(const struct format *a, const struct format *b) {
    return a->rate == b->rate && a->rate_denominator == b->rate_denominator;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static void tick(int on) {
    struct itimerspec every = {0};
    if (on) {
        uint64_t ns = 1000000000ull * camera.format.rate_denominator / (camera.format.rate ? camera.format.rate : 1);
        every.it_interval.tv_sec = every.it_value.tv_sec = (time_t)(ns / 1000000000ull);
        every.it_interval.tv_nsec = every.it_value.tv_nsec = (long)(ns % 1000000000ull);
    }
    timerfd_settime(camera.fd, 0, &every, NULL);
}

/* Takes the DHT segments (0xFFC4) out of the JPEG of `length` bytes; returns what is left. */
static size_t strip_huffman(unsigned char *jpeg, size_t length) {
    size_t at = 2;
    while (at + 4 <= length && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA) {
        size_t segment = 2 + ((size_t)jpeg[at + 2] << 8 | jpeg[at + 3]);
        if (jpeg[at + 1] == 0xC4) {
            memmove(jpeg + at, jpeg + at + segment, length - at - segment);
            length -= segment;
        } else {
            at += segment;
        }
    }
    return length;
}

/* Puts the next picture into `buffer` and returns the bytes used. */
static uint32_t take_picture(unsigned char *buffer, enum mode now) {
    static unsigned char picture[BUFFER_BYTES];
    char name[SET_ASIDE];
    size_t length;
    snprintf(name, sizeof name, "%u.frame", camera.sequence);
    length = read_file(name, picture, sizeof picture);
    if (!length) { /* from the start again */
        camera.sequence = 0;
        length = read_file("0.frame", picture, sizeof picture);
    }
    switch (now) {
    case GARBAGE:
        for (size_t i = 0; i < length; i++) picture[i] = (unsigned char)((i * 2654435761u) >> 13);
        break;
    case CORRUPT: memset(picture + length / 2, 0x55, length / 4); break;
    case TRUNCATE: length /= 2; break;
    case NO_HUFFMAN: length = strip_huffman(picture, length); break;
    default: break;
    }
    memcpy(buffer, picture, length);
    return (uint32_t)length;
}

static int dequeue(struct v4l2_buffer *b) {
    enum mode now = mode();
    uint64_t ticks;
    unsigned index;
    if (!camera.streaming) return fail(EINVAL);
    if (now == HANG) hang("hanging-in-dequeue");
    if (now == EIO_ONCE) {
        become_healthy();
        event("eio");
        return fail(EIO);
    }
    if (now == EIO_ALWAYS) return fail(EIO);
    if (!camera.queued || read(camera.fd, &ticks, sizeof ticks) != sizeof ticks) return fail(EAGAIN);
    index = camera.queue[0];
    memmove(camera.queue, camera.queue + 1, --camera.queued * sizeof *camera.queue);
    b->index = index;
    b->bytesused = take_picture(camera.buffers + (size_t)index * BUFFER_BYTES, now);
    b->length = image_bytes(&camera.format);
    b->m.offset = index * BUFFER_BYTES;
    b->flags = V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    b->field = V4L2_FIELD_NONE;
    b->sequence = camera.sequence++;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    b->timestamp.tv_sec = t.tv_sec;
    b->timestamp.tv_usec = t.tv_nsec / 1000;
    append("taken", ".");
    return 0;
}

static int enqueue(const struct v4l2_buffer *b) {
    if (b->index >= camera.buffer_count) return fail(EINVAL);
    for (unsigned i = 0; i < camera.queued; i++) /* queued twice: what poisons a stream after an EIO */
        if (camera.queue[i] == b->index) return fail(EINVAL);
    camera.queue[camera.queued++] = b->index;
    if (camera.streaming && mode() == STALL) {
        tick(0);
        event("stalled");
    }
    return 0;
}

static int stream(int on) {
    camera.streaming = on;
    if (!on) camera.queued = 0;
    if (on && mode() == STALL) {
        event("stalled");
        tick(0);
    } else {
        tick(on);
    }
    event(on ? "streaming" : "stopped");
    return 0;
}

/* Buffers make a process the owner of the camera; no buffers give it back. */
static int request_buffers(struct v4l2_requestbuffers *r) {
    if (r->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    if (r->count && flock(camera.lock, LOCK_EX | LOCK_NB)) return fail(EBUSY);
    if (r->count > MAX_BUFFERS) r->count = MAX_BUFFERS;
    camera.buffer_count = r->count;
    camera.queued = 0;
    if (!r->count) flock(camera.lock, LOCK_UN);
    return 0;
}

/* ---- ioctl ------------------------------------------------------------------------------------------------------ */

static int camera_ioctl(unsigned long request, void *argument) {
    enum mode now = mode();
    if (now == UNPLUGGED) return fail(ENODEV);
    switch ((unsigned)request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *c = argument;
        memset(c, 0, sizeof *c);
        strcpy((char *)c->driver, "fakecam");
        strcpy((char *)c->card, "Fake Camera");
        strcpy((char *)c->bus_info, "usb-fake-1");
        c->version = 0x060100;
        c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *d = argument;
        const struct format *f = distinct(d->index, 0, 0, 0, same_code);
        if (d->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || !f || now == NO_CAMERA) return fail(EINVAL);
        d->pixelformat = f->fourcc;
        d->flags = f->fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
        strcpy((char *)d->description, "fake");
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *s = argument;
        const struct format *f = distinct(s->index, s->pixel_format, 0, 0, same_size);
        if (!f) return fail(EINVAL);
        s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        s->discrete.width = f->width;
        s->discrete.height = f->height;
        return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        struct v4l2_frmivalenum *v = argument;
        const struct format *f = distinct(v->index, v->pixel_format, v->width, v->height, same_rate);
        if (!f) return fail(EINVAL);
        v->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        v->discrete.numerator = f->rate_denominator;
        v->discrete.denominator = f->rate;
        return 0;
    }
    case VIDIOC_G_FMT: {
        struct v4l2_format *f = argument;
        if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
        describe_format(&camera.format, &f->fmt.pix);
        return 0;
    }
    case VIDIOC_TRY_FMT:
    case VIDIOC_S_FMT: {
        struct v4l2_format *f = argument;
        const struct format *chosen;
        if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
        if (now == BUSY || camera.buffer_count) return fail(EBUSY);
        chosen = now == STUBBORN ? &camera.format : nearest_format(&f->fmt.pix);
        if ((unsigned)request == VIDIOC_S_FMT) camera.format = *chosen;
        describe_format(chosen, &f->fmt.pix);
        return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_streamparm *p = argument;
        struct v4l2_captureparm *c = &p->parm.capture;
        if ((unsigned)request == VIDIOC_S_PARM)
            for (unsigned i = 0; i < test.format_count; i++) {
                const struct format *f = &test.formats[i];
                if (f->fourcc == camera.format.fourcc && same_size(f, &camera.format) &&
                    f->rate == c->timeperframe.denominator && f->rate_denominator == c->timeperframe.numerator)
                    camera.format = *f;
            }
        memset(c, 0, sizeof *c);
        c->capability = V4L2_CAP_TIMEPERFRAME;
        c->timeperframe.numerator = camera.format.rate_denominator;
        c->timeperframe.denominator = camera.format.rate;
        c->readbuffers = 2;
        return 0;
    }
    case VIDIOC_REQBUFS: return now == BUSY ? fail(EBUSY) : request_buffers(argument);
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = argument;
        if (b->index >= camera.buffer_count) return fail(EINVAL);
        b->length = image_bytes(&camera.format);
        b->m.offset = b->index * BUFFER_BYTES;
        b->flags = 0;
        return 0;
    }
    case VIDIOC_QBUF: return enqueue(argument);
    case VIDIOC_DQBUF: return dequeue(argument);
    case VIDIOC_STREAMON: return stream(1);
    case VIDIOC_STREAMOFF: return stream(0);
    default: return fail(ENOTTY);
    }
}

/* ---- the calls that are taken over ------------------------------------------------------------------------------ */

static mode_t creation_mode(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t permissions = creation_mode(flags, rest);
    va_end(rest);
    if (is_camera(path)) return camera_open();
    if (!real_open) real_open = dlsym(RTLD_NEXT, "open");
    return real_open(path, flags, permissions);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t permissions = creation_mode(flags, rest);
    va_end(rest);
    return open(path, flags | O_LARGEFILE, permissions);
}

int close(int fd) {
    if (!real_close) real_close = dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd == camera.fd) camera_close();
    return real_close(fd);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (fd >= 0 && fd == camera.fd) return camera_ioctl(request, argument);
    return real_ioctl(fd, request, argument);
}

/* nokhwa's v4l calls ioctl through here. */
long syscall(long number, ...) {
    va_list rest;
    long a[6];
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_ioctl && a[0] >= 0 && (int)a[0] == camera.fd)
        return camera_ioctl((unsigned long)a[1], (void *)a[2]);
    if (!real_syscall) real_syscall = dlsym(RTLD_NEXT, "syscall");
    return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    if (!real_mmap) real_mmap = dlsym(RTLD_NEXT, "mmap");
    if (fd >= 0 && fd == camera.fd) fd = camera.memory;
    return real_mmap(address, length, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    return mmap(address, length, protection, flags, fd, offset);
}
