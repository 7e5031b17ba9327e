// _GNU_SOURCE is not set here: Swift builds its own view of these headers without it, and two
// views of one struct (fd_set) in one module break the build. What only it declares is declared
// below by hand.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

extern int tributary_accept4(int fd, struct sockaddr *at, socklen_t *size, int flags)
    __asm__("accept4");
extern const char *tributary_strerrordesc(int code) __asm__("strerrordesc_np");

static inline int tributary_accept(int listener) {
    return tributary_accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// Swift sees neither errno and SIG_IGN, macros, nor strerror_r, of which there are two.
static inline void tributary_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }
static inline int tributary_errno(void) { return errno; }
static inline const char *tributary_error_text(int code) { return tributary_strerrordesc(code); }

// Socket addresses are of several types; these calls take the one that has room for all.
static inline int tributary_bind(int fd, const struct sockaddr_storage *at, socklen_t size) {
    return bind(fd, (const struct sockaddr *)at, size);
}
static inline int tributary_connect(int fd, const struct sockaddr_storage *to, socklen_t size) {
    return connect(fd, (const struct sockaddr *)to, size);
}
static inline int tributary_local_address(int fd, struct sockaddr_storage *at, socklen_t *size) {
    return getsockname(fd, (struct sockaddr *)at, size);
}
static inline int tributary_peer_address(int fd, struct sockaddr_storage *at, socklen_t *size) {
    return getpeername(fd, (struct sockaddr *)at, size);
}
static inline int tributary_name(
    const struct sockaddr_storage *at, socklen_t size, char *host, socklen_t room) {
    return getnameinfo((const struct sockaddr *)at, size, host, room, 0, 0, NI_NUMERICHOST);
}
static inline int tributary_port(const struct sockaddr_storage *at) {
    return at->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)at)->sin6_port)
                                     : ntohs(((const struct sockaddr_in *)at)->sin_port);
}

// Keeps the calling thread on one core: for measurements.
extern int tributary_setaffinity(pid_t id, size_t size, const unsigned long *mask)
    __asm__("sched_setaffinity");
static inline int tributary_pin(int core) {
    unsigned long mask[16] = {0};
    if (core < 0 || core >= 1024) return -1;
    mask[core / 64] = 1ul << (core % 64);
    return tributary_setaffinity(0, sizeof mask, mask);
}
static inline int tributary_unpin(void) {
    unsigned long mask[16];
    memset(mask, 0xff, sizeof mask);
    return tributary_setaffinity(0, sizeof mask, mask);
}
