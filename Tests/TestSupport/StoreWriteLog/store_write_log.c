// A disk that forgets, for tests of what a program syncs.
//
// Loaded with LD_PRELOAD into a program, this library keeps a second copy of every file under WRITE_LOG_ROOT, under
// WRITE_LOG_SHADOW, with what a loss of power would leave: names change at once and in order, as on a journalling file
// system; content arrives only when the file is synced. When the program is killed, the second copy is the disk.
//
// With WRITE_LOG_SEED other than 0, a quarter of the writes also leave random sectors of themselves at once, the way
// they reach a disk on their own: later sectors may be there and earlier ones old, or zero.
//
// The program's own syncs only make the copy; they do not wait for the real disk, which is not tested here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What a disk writes whole or not at all.
#define SECTOR 512

struct range {
    dev_t device;
    ino_t file;
    off_t start;
    off_t end;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct range *dirty;
static size_t dirty_count, dirty_room;
static char root[PATH_MAX], shadow[PATH_MAX];
static uint64_t random_state;

// The real calls go through syscall(2), so that nothing here calls itself.
static int real_open(const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

__attribute__((constructor)) static void start(void) {
    const char *from = getenv("WRITE_LOG_ROOT"), *to = getenv("WRITE_LOG_SHADOW"), *seed = getenv("WRITE_LOG_SEED");
    if (from && to && strlen(from) < sizeof root && strlen(to) < sizeof shadow) {
        strcpy(root, from);
        strcpy(shadow, to);
    }
    if (seed) random_state = strtoull(seed, NULL, 10);
}

// The path of the copy; 0 for a path outside the root.
static int translate(const char *path, char *copy) {
    size_t length = strlen(root);
    if (!length || strncmp(path, root, length) || (path[length] && path[length] != '/')) return 0;
    return snprintf(copy, PATH_MAX, "%s%s", shadow, path + length) < PATH_MAX;
}

static int path_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static uint64_t next_random(uint64_t bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % bound;
}

// Copies a part of a file into its copy.
static void copy_range(const char *path, const char *copy, off_t start, off_t end) {
    char buffer[1 << 16];
    int from = real_open(path, O_RDONLY | O_CLOEXEC, 0);
    int to = real_open(copy, O_WRONLY | O_CLOEXEC, 0);
    while (from >= 0 && to >= 0 && start < end) {
        size_t want = end - start < (off_t)sizeof buffer ? (size_t)(end - start) : sizeof buffer;
        ssize_t count = syscall(SYS_pread64, from, buffer, want, start);
        if (count <= 0 || syscall(SYS_pwrite64, to, buffer, (size_t)count, start) != count) break;
        start += count;
    }
    if (from >= 0) syscall(SYS_close, from);
    if (to >= 0) syscall(SYS_close, to);
}

// Notes that a part of a file was written, and perhaps lets some of it reach the copy.
static void written(int file, off_t start, ssize_t count) {
    char path[PATH_MAX], copy[PATH_MAX];
    struct stat status;
    if (count <= 0 || !root[0] || !path_of(file, path) || !translate(path, copy) || fstat(file, &status)) return;
    if (dirty_count == dirty_room) {
        size_t room = dirty_room ? 2 * dirty_room : 1024;
        struct range *grown = realloc(dirty, room * sizeof *dirty);
        if (!grown) abort();
        dirty = grown;
        dirty_room = room;
    }
    dirty[dirty_count++] = (struct range){status.st_dev, status.st_ino, start, start + count};
    if (random_state && next_random(4) == 0) {
        off_t first = start / SECTOR, sectors = (start + count - 1) / SECTOR - first + 1;
        off_t from = first + (off_t)next_random((uint64_t)sectors);
        off_t to = from + 1 + (off_t)next_random((uint64_t)(first + sectors - from));
        copy_range(path, copy, from * SECTOR, to * SECTOR < start + count ? to * SECTOR : start + count);
    }
}

static int synced(int file) {
    char path[PATH_MAX], copy[PATH_MAX];
    struct stat status;
    pthread_mutex_lock(&lock);
    if (root[0] && path_of(file, path) && translate(path, copy) && !fstat(file, &status)) {
        size_t kept = 0;
        for (size_t i = 0; i < dirty_count; i++) {
            if (dirty[i].device == status.st_dev && dirty[i].file == status.st_ino) {
                copy_range(path, copy, dirty[i].start, dirty[i].end);
            } else {
                dirty[kept++] = dirty[i];
            }
        }
        dirty_count = kept;
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int file) { return synced(file); }
int fdatasync(int file) { return synced(file); }

static int opened(const char *path, int flags, mode_t mode) {
    char copy[PATH_MAX];
    pthread_mutex_lock(&lock);
    int file = real_open(path, flags, mode);
    int error = errno;
    if (file >= 0 && flags & (O_CREAT | O_TRUNC) && translate(path, copy)) {
        int made = real_open(copy, (flags & (O_CREAT | O_TRUNC)) | O_WRONLY | O_CLOEXEC, mode);
        if (made >= 0) syscall(SYS_close, made);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return file;
}

#define MODE_ARGUMENT                     \
    mode_t mode = 0;                      \
    if (flags & O_CREAT) {                \
        va_list arguments;                \
        va_start(arguments, flags);       \
        mode = va_arg(arguments, mode_t); \
        va_end(arguments);                \
    }

int open(const char *path, int flags, ...) {
    MODE_ARGUMENT
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_ARGUMENT
    return opened(path, flags | O_LARGEFILE, mode);
}

ssize_t write(int file, const void *bytes, size_t count) {
    pthread_mutex_lock(&lock);
    off_t start = root[0] ? lseek(file, 0, SEEK_CUR) : -1;
    int append = root[0] ? fcntl(file, F_GETFL) & O_APPEND : 0;
    ssize_t result = syscall(SYS_write, file, bytes, count);
    int error = errno;
    if (append && result > 0) start = lseek(file, 0, SEEK_CUR) - result;
    if (start >= 0) written(file, start, result);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t start) {
    pthread_mutex_lock(&lock);
    ssize_t result = syscall(SYS_pwrite64, file, bytes, count, start);
    int error = errno;
    written(file, start, result);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t start) { return pwrite(file, bytes, count, start); }

int ftruncate(int file, off_t length) {
    char path[PATH_MAX], copy[PATH_MAX];
    pthread_mutex_lock(&lock);
    int result = (int)syscall(SYS_ftruncate, file, length);
    int error = errno;
    if (!result && path_of(file, path) && translate(path, copy)) syscall(SYS_truncate, copy, length);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate64(int file, off64_t length) { return ftruncate(file, length); }

// Changes of names, first in the files and then in the copy.
#define ON_NAMES(call, copy_call)        \
    char copy[PATH_MAX];                 \
    pthread_mutex_lock(&lock);           \
    int result = (int)(call);            \
    int error = errno;                   \
    if (!result && translate(path, copy)) copy_call; \
    pthread_mutex_unlock(&lock);         \
    errno = error;                       \
    return result;

int unlink(const char *path) {
    ON_NAMES(syscall(SYS_unlinkat, AT_FDCWD, path, 0), syscall(SYS_unlinkat, AT_FDCWD, copy, 0))
}

int rmdir(const char *path) {
    ON_NAMES(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR), syscall(SYS_unlinkat, AT_FDCWD, copy, AT_REMOVEDIR))
}

int mkdir(const char *path, mode_t mode) {
    ON_NAMES(syscall(SYS_mkdirat, AT_FDCWD, path, mode), syscall(SYS_mkdirat, AT_FDCWD, copy, mode))
}

int rename(const char *path, const char *target) {
    char target_copy[PATH_MAX];
    if (!translate(target, target_copy)) target_copy[0] = 0;
    ON_NAMES(
        syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, target, 0),
        syscall(SYS_renameat2, AT_FDCWD, copy, AT_FDCWD, target_copy, 0))
}

int link(const char *path, const char *target) {
    char target_copy[PATH_MAX];
    if (!translate(target, target_copy)) target_copy[0] = 0;
    ON_NAMES(
        syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, target, 0),
        syscall(SYS_linkat, AT_FDCWD, copy, AT_FDCWD, target_copy, 0))
}
