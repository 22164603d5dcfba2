/* What is in a packet: enough of IPv4, IPv6, TCP and UDP to shape them. */
#include "shaper.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { TCP_HEADER = 20, UDP_HEADER = 8, RST = 0x04, SYN = 0x02, ACK = 0x10 };

static unsigned both(const uint8_t *bytes) { return bytes[0] << 8 | bytes[1]; }

static void put(uint8_t *bytes, unsigned value) {
    bytes[0] = value >> 8;
    bytes[1] = value;
}

bool address_parse(const char *text, struct address *out) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, out->bytes) == 1) out->length = 4;
    else if (inet_pton(AF_INET6, text, out->bytes) == 1) out->length = 16;
    else return complain("no address: %.64s", text);
    return true;
}

bool address_equal(const struct address *a, const struct address *b) {
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* Where the parts are, if these bytes are a whole packet of one of the two versions. */
static bool read_ip(const uint8_t *bytes, size_t length, struct packet *out, size_t *whole) {
    if (length >= 20 && bytes[0] >> 4 == 4) {
        out->to.length = 4;
        memcpy(out->to.bytes, bytes + 16, 4);
        out->header = (bytes[0] & 15) * 4;
        *whole = both(bytes + 2);
        bool first_fragment = (both(bytes + 6) & 0x3fff) == 0;
        out->protocol = first_fragment ? bytes[9] : 0;
        return out->header >= 20;
    }
    if (length >= 40 && bytes[0] >> 4 == 6) {
        out->to.length = 16;
        memcpy(out->to.bytes, bytes + 24, 16);
        out->header = 40;
        *whole = 40 + both(bytes + 4);
        out->protocol = bytes[6];
        return true;
    }
    return false;
}

bool packet_read(const uint8_t *bytes, size_t length, struct packet *out) {
    memset(out, 0, sizeof *out);
    size_t whole = 0;
    if (!read_ip(bytes, length, out, &whole)) return false;
    if (whole > length || whole < out->header) return false;
    size_t rest = whole - out->header;
    if (out->protocol == IPPROTO_TCP) {
        if (rest < TCP_HEADER) return false;
        size_t own = (bytes[out->header + 12] >> 4) * 4;
        if (own < TCP_HEADER || own > rest) return false;
        out->flags = bytes[out->header + 13];
        out->data = rest - own;
    } else if (out->protocol == IPPROTO_UDP) {
        if (rest < UDP_HEADER) return false;
        out->data = rest - UDP_HEADER;
    } else {
        out->data = rest;
    }
    return true;
}

void packet_corrupt(uint8_t *bytes, size_t length, const struct packet *packet) {
    if (length <= packet->header) return;
    size_t bit = fraction() * (length - packet->header) * 8;
    bytes[packet->header + bit / 8] ^= 1 << bit % 8;
}

static uint32_t sum(const uint8_t *bytes, size_t length, uint32_t sum) {
    for (; length > 1; bytes += 2, length -= 2) sum += both(bytes);
    return length ? sum + (bytes[0] << 8) : sum;
}

static unsigned folded(uint32_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

size_t packet_reset(uint8_t *bytes, size_t length, const struct packet *packet) {
    if (packet->protocol != IPPROTO_TCP || packet->flags & (SYN | RST)) return 0;
    size_t end = packet->header + TCP_HEADER;
    if (end > length) return 0;
    uint8_t *tcp = bytes + packet->header;
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = RST | (packet->flags & ACK);
    put(tcp + 14, 0); /* window */
    put(tcp + 16, 0); /* checksum */
    put(tcp + 18, 0); /* urgent */
    bool v4 = packet->to.length == 4;
    uint32_t addresses = v4 ? sum(bytes + 12, 8, 0) : sum(bytes + 8, 32, 0);
    put(tcp + 16, folded(sum(tcp, TCP_HEADER, addresses + IPPROTO_TCP + TCP_HEADER)));
    if (v4) {
        put(bytes + 2, end);
        put(bytes + 10, 0);
        put(bytes + 10, folded(sum(bytes, packet->header, 0)));
    } else {
        put(bytes + 4, TCP_HEADER);
    }
    return end;
}
