/* The kernel's queue (nfnetlink_queue): it hands packets over, and waits for a verdict on each. */
#include "shaper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

enum { CONFIG = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, VERDICT = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT };
enum { PACKET = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET };

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

bool queue_bind(int socket) {
    uint8_t bytes[256];
    struct message message = {.bytes = bytes, .room = sizeof bytes};
    struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND};
    message_begin(&message, CONFIG, NLM_F_ACK, 1, AF_UNSPEC, SHAPER_QUEUE);
    message_attribute(&message, NFQA_CFG_CMD, &bind, sizeof bind);

    /*
     * Whole packets; and those that do not fit into the queue pass by it. Without GSO among the flags, what the sender
     * left to its device comes cut into packets, each with its checksum.
     */
    struct nfqnl_msg_config_params whole = {.copy_range = htonl(0xffff), .copy_mode = NFQNL_COPY_PACKET};
    message_begin(&message, CONFIG, NLM_F_ACK, 2, AF_UNSPEC, SHAPER_QUEUE);
    message_attribute(&message, NFQA_CFG_PARAMS, &whole, sizeof whole);
    message_u32(&message, NFQA_CFG_QUEUE_MAXLEN, 65535);
    message_u32(&message, NFQA_CFG_MASK, NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO);
    message_u32(&message, NFQA_CFG_FLAGS, NFQA_CFG_F_FAIL_OPEN);
    int error = netlink_ask(socket, &message, 2);
    if (error) return complain("the kernel has no packet queue (nfnetlink_queue): %s", strerror(error));

    int large = 8 << 20, on = 1;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof large))
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    setsockopt(socket, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
    return true;
}

void queue_verdict(struct space *space, uint32_t id, enum verdict verdict) {
    uint8_t bytes[64];
    struct message message = {.bytes = bytes, .room = sizeof bytes};
    struct nfqnl_msg_verdict_hdr header = {.verdict = htonl(verdict == ACCEPT ? NF_ACCEPT : NF_DROP), .id = htonl(id)};
    message_begin(&message, VERDICT, 0, 0, AF_UNSPEC, SHAPER_QUEUE);
    message_attribute(&message, NFQA_VERDICT_HDR, &header, sizeof header);
    send(space->queue, message.bytes, message.length, 0);
}

static void carry(void *context, const struct queued *queued) {
    struct space *space = context;
    struct packet packet;
    struct link *link;
    space->seen++;
    if (packet_read(queued->bytes, queued->length, &packet) && (link = space_link(space, &packet.to)))
        link_carry(space, link, queued, &packet);
    else queue_verdict(space, queued->id, ACCEPT);
}

void queue_read(struct space *space) {
    static _Alignas(struct nlmsghdr) uint8_t bytes[1 << 17];
    /* Not for ever: other namespaces, and what is due, wait too. */
    for (int round = 0; round < 64; round++) {
        ssize_t got = recv(space->queue, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got <= 0) return;
        queue_parse(bytes, got, carry, space);
    }
}

/* One packet's attributes. */
static void parse_packet(const uint8_t *bytes, size_t length, struct queued *out, bool *named) {
    struct nlattr attribute;
    while (length >= sizeof attribute) {
        memcpy(&attribute, bytes, sizeof attribute);
        if (attribute.nla_len < sizeof attribute || attribute.nla_len > length) return;
        const uint8_t *data = bytes + sizeof attribute;
        size_t size = attribute.nla_len - sizeof attribute;
        uint32_t number = size >= 4 ? (uint32_t)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3] : 0;
        switch (attribute.nla_type & NLA_TYPE_MASK) {
        case NFQA_PACKET_HDR:
            if (size < sizeof(struct nfqnl_msg_packet_hdr)) return;
            out->id = number;
            *named = true;
            break;
        case NFQA_IFINDEX_OUTDEV: out->device = number; break;
        case NFQA_PAYLOAD:
            out->bytes = data;
            out->length = size;
        }
        size_t step = NLA_ALIGN((size_t)attribute.nla_len);
        if (step > length) return;
        bytes += step;
        length -= step;
    }
}

void queue_parse(const uint8_t *bytes, size_t length, void (*each)(void *context, const struct queued *packet),
                 void *context) {
    const size_t head = NLMSG_HDRLEN + sizeof(struct nfgenmsg);
    struct nlmsghdr header;
    while (length >= sizeof header) {
        memcpy(&header, bytes, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > length) return;
        if (header.nlmsg_type == PACKET && header.nlmsg_len >= head) {
            struct queued queued = {0};
            bool named = false;
            parse_packet(bytes + head, header.nlmsg_len - head, &queued, &named);
            /* Without a name there is nothing to give a verdict on. */
            if (named) each(context, &queued);
        }
        size_t step = NLMSG_ALIGN((size_t)header.nlmsg_len);
        if (step > length) return;
        bytes += step;
        length -= step;
    }
}
