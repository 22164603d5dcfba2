/*
 * Feeds the shaper's parsers what nobody should ever send: `fuzz SEED ROUNDS`, built with the compiler's sanitizers, which
 * end it at the first byte that is read where there is none. Every buffer is exactly as long as it says.
 */
#include "shaper.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long whole, reset, damaged, parsed;

static size_t below(size_t limit) { return fraction() * limit; }

static void demand(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static uint8_t *exactly(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length ? length : 1);
    if (length) memcpy(copy, bytes, length);
    return copy;
}

/* A packet as it should be, of either version; its checksums are left out. */
static size_t make_packet(uint8_t *bytes) {
    bool v4 = fraction() < 0.5, tcp = fraction() < 0.6;
    size_t head = v4 ? 20 + 4 * below(3) : 40, data = below(60);
    size_t rest = tcp ? 20 + 4 * below(4) : 8, length = head + rest + data;
    for (size_t i = 0; i < length; i++) bytes[i] = below(256);
    size_t said = v4 ? length : length - 40;
    bytes[0] = v4 ? 0x40 | head / 4 : 0x60;
    bytes[v4 ? 2 : 4] = said >> 8;
    bytes[v4 ? 3 : 5] = said;
    if (v4) bytes[6] = bytes[7] = 0;
    bytes[v4 ? 9 : 6] = tcp ? IPPROTO_TCP : IPPROTO_UDP;
    if (tcp) bytes[head + 12] = (rest - data > 0 ? rest / 4 : 5) << 4;
    return length;
}

/* Some bytes changed, and perhaps some gone from the end. */
static size_t spoil(uint8_t *bytes, size_t length) {
    for (size_t times = below(4); times > 0 && length > 0; times--) {
        uint8_t edges[] = {0, 1, 4, 0x7f, 0x80, 0xff};
        bytes[below(length)] = fraction() < 0.5 ? edges[below(sizeof edges)] : below(256);
    }
    return fraction() < 0.3 ? below(length + 1) : length;
}

static unsigned sum(const uint8_t *bytes, size_t length, unsigned sum) {
    for (size_t i = 0; i < length; i++) sum += i % 2 ? bytes[i] : bytes[i] << 8;
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void try_packet(void *context, const struct queued *queued) {
    (void)context;
    struct packet packet, again;
    parsed++;
    if (!packet_read(queued->bytes, queued->length, &packet)) return;
    whole++;
    uint8_t *copy = exactly(queued->bytes, queued->length);
    packet_corrupt(copy, queued->length, &packet);
    unsigned changed = 0;
    for (size_t i = 0; i < queued->length; i++) changed += __builtin_popcount(copy[i] ^ queued->bytes[i]);
    demand(changed == (queued->length > packet.header), "more than one bit was flipped, or none");
    damaged += changed;
    memcpy(copy, queued->bytes, queued->length);
    size_t length = packet_reset(copy, queued->length, &packet);
    if (length) {
        reset++;
        demand(length <= queued->length && packet_read(copy, length, &again), "a reset is no packet");
        demand(again.flags & 4 && again.data == 0 && address_equal(&again.to, &packet.to), "a reset does not reset");
        size_t tcp = again.header;
        unsigned pseudo = again.to.length == 4 ? sum(copy + 12, 8, 0) : sum(copy + 8, 32, 0);
        demand(sum(copy + tcp, 20, pseudo + IPPROTO_TCP + 20) == 0xffff, "a reset's checksum is wrong");
        demand(again.to.length == 16 || sum(copy, tcp, 0) == 0xffff, "a reset's IP checksum is wrong");
    }
    free(copy);
}

static void fuzz_queue(void) {
    static uint8_t bytes[4096], packet[256];
    struct message message = {.bytes = bytes, .room = sizeof bytes};
    for (size_t messages = 1 + below(3); messages > 0; messages--) {
        struct nfqnl_msg_packet_hdr header = {.packet_id = htonl(below(1000))};
        message_begin(&message, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET, 0, 0, 0, 0);
        if (fraction() < 0.95) message_attribute(&message, NFQA_PACKET_HDR, &header, sizeof header);
        if (fraction() < 0.5) message_u32(&message, NFQA_IFINDEX_OUTDEV, below(10));
        size_t length = make_packet(packet);
        if (fraction() < 0.5) length = spoil(packet, length);
        message_attribute(&message, NFQA_PAYLOAD, packet, length);
    }
    size_t length = fraction() < 0.5 ? spoil(bytes, message.length) : message.length;
    uint8_t *exact = exactly(bytes, length);
    int error = 0;
    queue_parse(exact, length, try_packet, NULL);
    netlink_acknowledged(exact, length, &error);
    free(exact);
}

static void fuzz_acknowledgements(void) {
    static uint8_t bytes[512];
    size_t length = 0;
    for (size_t messages = 1 + below(4); messages > 0; messages--) {
        struct nlmsgerr answer = {.error = -(int)below(200)};
        struct nlmsghdr header = {.nlmsg_len = sizeof header + sizeof answer, .nlmsg_type = NLMSG_ERROR};
        memcpy(bytes + length, &header, sizeof header);
        memcpy(bytes + length + sizeof header, &answer, sizeof answer);
        length += header.nlmsg_len;
    }
    length = spoil(bytes, length);
    uint8_t *exact = exactly(bytes, length);
    int error = 0;
    demand(netlink_acknowledged(exact, length, &error) <= 4 && error >= 0 && error < 4096, "acknowledged too much");
    free(exact);
}

static void fuzz_words(void) {
    static const char *const words[] = {"1",     "shape", "enter", "seen",  "leave", "n1",   "10.0.0.1",  "fd00::1", "-",
                                        "delay", "=",     "1e999", "nan",   "0.5",   ",",    "hold=1",    " ",       "loss=",
                                        "\t",    "\xff",  "rate",  "=-1",   "%s%n",  "/dev", "jitter=20", "reset=2", "."};
    char line[1024] = "";
    for (size_t count = below(20); count > 0; count--) {
        strcat(line, words[below(sizeof words / sizeof *words)]);
        if (fraction() < 0.5) strcat(line, " ");
    }
    char *exact = (char *)exactly((uint8_t *)line, strlen(line) + 1);
    struct shaping shaping;
    struct address address;
    if (shaping_parse(exact, &shaping))
        demand(shaping.loss >= 0 && shaping.loss <= 1 && shaping.delay >= 0 && shaping.rate >= 0, "no sane shaping");
    address_parse(exact, &address);
    command_run(exact);
    free(exact);
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    fraction_seed(strtoull(arguments[1], NULL, 10) * 2 + 1);
    for (long rounds = strtol(arguments[2], NULL, 10); rounds > 0; rounds--) {
        fuzz_queue();
        fuzz_acknowledgements();
        fuzz_words();
    }
    fprintf(stderr, "%lu packets parsed, %lu of them whole, %lu reset, %lu damaged\n", parsed, whole, reset, damaged);
    return 0;
}
