/* Messages to the kernel, and its acknowledgements. */
#include "shaper.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

static void *append(struct message *message, size_t length) {
    size_t padded = (length + 3) & ~(size_t)3;
    if (message->length + padded > message->room) return NULL;
    void *at = message->bytes + message->length;
    memset(at, 0, padded);
    message->length += padded;
    ((struct nlmsghdr *)(message->bytes + message->begun))->nlmsg_len = message->length - message->begun;
    return at;
}

void message_begin(struct message *message, uint16_t type, uint16_t flags, uint32_t sequence, uint8_t family,
                   uint16_t resource) {
    message->begun = message->length;
    struct nlmsghdr *header = append(message, sizeof *header + sizeof(struct nfgenmsg));
    if (!header) return;
    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    header->nlmsg_seq = sequence;
    struct nfgenmsg *more = (void *)(header + 1);
    more->nfgen_family = family;
    more->version = NFNETLINK_V0;
    more->res_id = resource >> 8 | resource << 8;
}

void message_attribute(struct message *message, uint16_t type, const void *data, size_t length) {
    struct nlattr *attribute = append(message, sizeof *attribute + length);
    if (!attribute) return;
    attribute->nla_type = type;
    attribute->nla_len = sizeof *attribute + length;
    if (length) memcpy(attribute + 1, data, length);
}

void message_text(struct message *message, uint16_t type, const char *text) {
    message_attribute(message, type, text, strlen(text) + 1);
}

void message_u32(struct message *message, uint16_t type, uint32_t value) {
    uint8_t bytes[] = {value >> 24, value >> 16, value >> 8, value};
    message_attribute(message, type, bytes, sizeof bytes);
}

size_t message_nest(struct message *message, uint16_t type) {
    size_t at = message->length;
    message_attribute(message, type | NLA_F_NESTED, NULL, 0);
    return at;
}

void message_close(struct message *message, size_t nest) {
    if (nest + sizeof(struct nlattr) > message->length) return;
    ((struct nlattr *)(message->bytes + nest))->nla_len = message->length - nest;
}

int netlink_open(void) {
    int it = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    struct sockaddr_nl any = {.nl_family = AF_NETLINK};
    struct timeval patience = {.tv_sec = 2};
    if (it < 0) return -1;
    setsockopt(it, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(it, (void *)&any, sizeof any) == 0) return it;
    close(it);
    return -1;
}

int netlink_ask(int socket, const struct message *message, int acknowledgements) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    static _Alignas(struct nlmsghdr) uint8_t reply[1 << 16];
    int error = 0;
    if (sendto(socket, message->bytes, message->length, 0, (void *)&kernel, sizeof kernel) < 0) return errno;
    while (acknowledgements > 0) {
        ssize_t got = recv(socket, reply, sizeof reply, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return error ? error : got < 0 ? errno : EPROTO;
        acknowledgements -= netlink_acknowledged(reply, got, &error);
    }
    return error;
}

int netlink_acknowledged(const uint8_t *bytes, size_t length, int *error) {
    int count = 0;
    struct nlmsghdr header;
    struct nlmsgerr answer;
    while (length >= sizeof header) {
        memcpy(&header, bytes, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > length) break;
        if (header.nlmsg_type == NLMSG_ERROR && header.nlmsg_len >= sizeof header + sizeof answer.error) {
            memcpy(&answer.error, bytes + sizeof header, sizeof answer.error);
            if (answer.error && !*error) *error = answer.error < 0 && answer.error > -4096 ? -answer.error : EPROTO;
            count++;
        }
        size_t step = NLMSG_ALIGN((size_t)header.nlmsg_len);
        if (step > length) break;
        bytes += step;
        length -= step;
    }
    return count;
}
