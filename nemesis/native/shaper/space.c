/* Network namespaces. A socket belongs to the one that it was opened in, so each is entered once, and left at once. */
#define _GNU_SOURCE
#include "shaper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

struct space *spaces;

/* For packets of our own, with their headers. */
static int open_raw(int family) {
    int it = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), mark = SHAPER_MARK, on = 1;
    if (it < 0) return -1;
    bool made = setsockopt(it, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0 &&
                (family == AF_INET || setsockopt(it, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof on) == 0);
    if (made) return it;
    int why = errno;
    close(it);
    errno = why;
    return -1;
}

static bool open_sockets(struct space *space) {
    space->queue = netlink_open();
    space->tables = netlink_open();
    if (space->queue < 0 || space->tables < 0) return complain("netlink: %s", strerror(errno));
    space->raw4 = open_raw(AF_INET);
    if (space->raw4 < 0) return complain("raw socket: %s", strerror(errno));
    /* A kernel without IPv6 has no packets of it either. */
    space->raw6 = open_raw(AF_INET6);
    return queue_bind(space->queue);
}

static void close_space(struct space *space) {
    way_forget(space);
    int sockets[] = {space->queue, space->tables, space->raw4, space->raw6};
    for (int i = 0; i < 4; i++)
        if (sockets[i] >= 0) close(sockets[i]);
    for (struct link *link = space->links, *next; link; link = next) {
        next = link->next;
        free(link);
    }
    free(space);
}

bool space_enter(const char *name, const char *path) {
    if (strlen(name) >= sizeof((struct space *)0)->name) return complain("too long a name");
    space_leave(name);
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = open(path, O_RDONLY | O_CLOEXEC);
    struct space *space = calloc(1, sizeof *space);
    bool entered = home >= 0 && there >= 0 && space && setns(there, CLONE_NEWNET) == 0;
    if (!entered) complain("%.128s: %s", path, strerror(errno));
    bool made = false;
    if (entered) {
        strcpy(space->name, name);
        space->queue = space->tables = space->raw4 = space->raw6 = -1;
        made = open_sockets(space);
        /* Whatever we did next would be done in the wrong place. */
        if (setns(home, CLONE_NEWNET)) abort();
    }
    if (home >= 0) close(home);
    if (there >= 0) close(there);
    if (made) {
        space->next = spaces;
        spaces = space;
    } else if (entered) close_space(space);
    else free(space);
    return made;
}

void space_leave(const char *name) {
    for (struct space **at = &spaces; *at; at = &(*at)->next) {
        if (strcmp((*at)->name, name)) continue;
        struct space *left = *at;
        *at = left->next;
        return close_space(left);
    }
}

struct space *space_find(const char *name) {
    for (struct space *space = spaces; space; space = space->next)
        if (!strcmp(space->name, name)) return space;
    complain("no namespace %.64s", name);
    return NULL;
}

struct link *space_link(struct space *space, const struct address *to) {
    for (struct link *link = space->links; link; link = link->next)
        if (address_equal(&link->to, to)) return link;
    return NULL;
}

void space_send(struct space *space, const uint8_t *bytes, size_t length) {
    if (length >= 40 && bytes[0] >> 4 == 6) {
        struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_scope_id = space->mtu_of};
        memcpy(&to.sin6_addr, bytes + 24, 16);
        if (!IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr)) to.sin6_scope_id = 0;
        sendto(space->raw6, bytes, length, 0, (void *)&to, sizeof to);
    } else if (length >= 20) {
        struct sockaddr_in to = {.sin_family = AF_INET};
        memcpy(&to.sin_addr, bytes + 16, 4);
        sendto(space->raw4, bytes, length, 0, (void *)&to, sizeof to);
    }
}

int space_mtu(struct space *space, int device) {
    if (space->mtu_of == device && space->mtu) return space->mtu;
    struct ifreq request = {.ifr_ifindex = device};
    space->mtu_of = device;
    space->mtu = ioctl(space->raw4, SIOCGIFNAME, &request) == 0 && ioctl(space->raw4, SIOCGIFMTU, &request) == 0
                     ? request.ifr_mtu
                     : 1280;
    return space->mtu;
}

moment space_tidy(moment now) {
    moment next = INT64_MAX;
    for (struct space *space = spaces; space; space = space->next) {
        if (space->tidy && space->tidy <= now) {
            for (struct link **at = &space->links; *at;) {
                struct link *link = *at;
                if (!shaping_is_usual(&link->shaping)) {
                    at = &link->next;
                    continue;
                }
                *at = link->next;
                free(link);
            }
            rules_renew(space);
            space->tidy = 0;
        }
        if (space->tidy && space->tidy < next) next = space->tidy;
    }
    return next;
}
