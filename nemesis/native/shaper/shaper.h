/* The shaper's parts, and what they tell each other. See README.md for what it is, and shaper.c for how it runs. */
#ifndef SHAPER_H
#define SHAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Packets that the shaper itself sends carry this mark, and are not shaped again. */
#define SHAPER_MARK 0x1ab
/* The kernel's queue of each namespace, numbered so that a node's own is unlikely to be met. */
#define SHAPER_QUEUE 0x1ab

/* --- common.c: what every part needs. */

/* Nanoseconds, of the monotonic clock. */
typedef int64_t moment;
moment now(void);

/* The reason why the last thing failed, for whoever asked. Always answers false. */
bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern char complaint[256];

/* A number from 0 up to, not including, 1. */
double fraction(void);
/* From the same seed, the same numbers. Without one, others every time. */
void fraction_seed(uint64_t seed);

/* --- shaping.c: how what is sent to one destination is carried. All zero is as usual. */

struct shaping {
    moment delay, jitter;                            /* jitter: as much sooner or later, evenly */
    double loss, duplicate, corrupt, reorder, reset; /* shares of packets, from 0 to 1 */
    double rate;                                     /* bytes a second; 0 is no limit */
    bool hold;                                       /* keep what carries data until this changes */
};

/* "delay=50,loss=0.1", times in milliseconds; "-" is as usual. False, with a complaint, if it says anything else. */
bool shaping_parse(const char *text, struct shaping *out);
bool shaping_is_usual(const struct shaping *shaping);

/* --- packet.c: what is in a packet. It takes any bytes, and believes none of them. */

/* An address of IPv4 or IPv6: 4 or 16 bytes. */
struct address {
    uint8_t length, bytes[16];
};

bool address_parse(const char *text, struct address *out);
bool address_equal(const struct address *a, const struct address *b);

struct packet {
    struct address to;
    uint8_t protocol;   /* IPPROTO_TCP, IPPROTO_UDP, or another; 0 where it cannot be known */
    uint8_t flags;      /* of TCP */
    size_t header;      /* where the transport's header begins */
    size_t data;        /* how many bytes the transport carries */
};

/* False if these bytes are no whole packet of IPv4 or IPv6. */
bool packet_read(const uint8_t *bytes, size_t length, struct packet *out);
/* Flips one bit behind the IP header, and leaves the checksum as it was. */
void packet_corrupt(uint8_t *bytes, size_t length, const struct packet *packet);
/* Makes of a TCP packet one that resets its connection; answers its length, 0 where it cannot be done. */
size_t packet_reset(uint8_t *bytes, size_t length, const struct packet *packet);

/* --- way.c: packets under way, in the order of their time; of the same time, in the order in which they came. */

struct space;
struct link;

struct parcel {
    moment due;
    uint64_t order;
    struct space *space;
    struct link *link;
    uint32_t id;      /* the kernel's, where the kernel keeps the packet */
    uint8_t *bytes;   /* ours, where it does not; NULL where it does */
    size_t length;
};

/* Takes a parcel over. One for which there is no more room is lost, as at a router whose queue is full. */
void way_add(struct parcel parcel);
/* Delivers what is due, and answers the next moment at which something will be; INT64_MAX for never. */
moment way_deliver(moment now);
/* Delivers all that is under way on a link, held or not, at once and in order. */
void way_flush(struct link *link);
/* Forgets all that is under way from a namespace, which is gone. */
void way_forget(struct space *space);

/* --- link.c: one destination of one namespace, and what becomes of what is sent to it. */

struct link {
    struct address to;
    struct shaping shaping;
    moment busy; /* until when a limited rate has something to send */
    bool ruled;  /* whether the kernel hands over what is sent to it */
    struct link *next;
};

/* A packet that the kernel hands over. Ends in a verdict, now or later. */
struct queued;
void link_carry(struct space *space, struct link *link, const struct queued *queued, const struct packet *packet);

/* --- space.c: the network namespaces, and the shaper's sockets in each. */

struct space {
    char name[64];
    int queue, tables, raw4, raw6; /* sockets; each belongs to the namespace for good */
    bool ruled4, ruled6;           /* whether there is a table of ours for this protocol */
    moment tidy;                   /* when rules that nothing needs any more are to be removed; 0 for never */
    uint64_t seen;                 /* packets handed over since it was entered */
    int mtu, mtu_of;               /* of the device with this index */
    struct link *links;
    struct space *next;
};

extern struct space *spaces;
bool space_enter(const char *name, const char *path);
void space_leave(const char *name);
struct space *space_find(const char *name);
struct link *space_link(struct space *space, const struct address *to);
/* Sends a packet of ours, past the rules. */
void space_send(struct space *space, const uint8_t *bytes, size_t length);
/* The most bytes that a packet of ours may have on a device. */
int space_mtu(struct space *space, int device);
/* Removes the links that are as usual, where the time for it has come; answers when it next will. */
moment space_tidy(moment now);

/* --- rules.c: which packets the kernel hands over: those to the links of a namespace, and no others. */

/* Adds what is missing: in a tenth of a millisecond. */
bool rules_add(struct space *space);
/* Writes all of them again: what is added next then waits for some 10 ms, until the kernel has forgotten the old ones. */
bool rules_renew(struct space *space);

/* --- queue.c: the kernel's queue. */

bool queue_bind(int socket);
/* Reads what is there, and carries it. */
void queue_read(struct space *space);
enum verdict { DROP, ACCEPT };
void queue_verdict(struct space *space, uint32_t id, enum verdict verdict);

struct queued {
    uint32_t id;
    int device; /* the index of the one that it is to leave by; 0 if not said */
    const uint8_t *bytes;
    size_t length;
};

/* Calls back for each packet in what was read from a queue. It takes any bytes, and believes none of them. */
void queue_parse(const uint8_t *bytes, size_t length, void (*each)(void *context, const struct queued *packet),
                 void *context);

/* --- netlink.c: messages to the kernel. */

struct message {
    uint8_t *bytes;
    size_t length, room, begun; /* begun: where the header of the last message in it is */
};

void message_begin(struct message *message, uint16_t type, uint16_t flags, uint32_t sequence, uint8_t family,
                   uint16_t resource);
void message_attribute(struct message *message, uint16_t type, const void *data, size_t length);
void message_text(struct message *message, uint16_t type, const char *text);
void message_u32(struct message *message, uint16_t type, uint32_t value);
/* Opens an attribute that holds others; close it with what this answers. */
size_t message_nest(struct message *message, uint16_t type);
void message_close(struct message *message, size_t nest);

int netlink_open(void);
/* Sends messages that ask for an acknowledgement each, and waits for them. Answers the first error, or 0. */
int netlink_ask(int socket, const struct message *message, int acknowledgements);
/* Counts the acknowledgements in what was read; the first error is kept in *error. Takes any bytes. */
int netlink_acknowledged(const uint8_t *bytes, size_t length, int *error);

/* --- command.c: what is asked on stdin. */

/* Carries out one line and prints its answer. Changes the line. */
void command_run(char *line);

#endif
