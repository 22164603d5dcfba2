/* What becomes of a packet. */
#include "shaper.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* A limited link keeps no more waiting than it can send in so long; what comes then is lost, as TCP needs it to be. */
static const moment QUEUE_NS = 500000000;

static uint64_t orders;

/*
 * The kernel's packet is let go at once, and what arrives is a copy. Were it kept in the kernel's queue instead, the
 * sender's TCP would count it as not yet sent, and stop after two ("small queues"): a slow link would be a stalled one.
 * A packet that is too large to be sent by hand stays where it is.
 */
static struct parcel pack(struct space *space, struct link *link, const struct queued *it, moment due) {
    struct parcel parcel = {.due = due, .order = orders++, .space = space, .link = link, .id = it->id};
    if (it->length <= (size_t)space_mtu(space, it->device) && (parcel.bytes = malloc(it->length))) {
        memcpy(parcel.bytes, it->bytes, parcel.length = it->length);
        queue_verdict(space, it->id, DROP);
    }
    return parcel;
}

/* When a packet of this length is through, on a link of limited rate; -1 if its queue is full. */
static moment through(struct link *link, size_t length, moment from) {
    if (link->shaping.rate == 0) return from;
    if (link->busy < from) link->busy = from;
    if (link->busy - from > QUEUE_NS) return -1;
    return link->busy += length / link->shaping.rate * 1e9;
}

static moment due_at(struct link *link, size_t length, moment arrived) {
    const struct shaping *how = &link->shaping;
    if (how->reorder > 0 && fraction() < how->reorder) return arrived;
    moment sent = through(link, length, arrived);
    if (sent < 0) return -1;
    moment due = sent + how->delay + (how->jitter ? (fraction() * 2 - 1) * how->jitter : 0);
    return due < arrived ? arrived : due;
}

static bool falls(double share) { return share > 0 && fraction() < share; }

/* Done to our copy, and to the copy of that; what the kernel keeps is out of reach. */
static void spoil(struct parcel *parcel, const struct shaping *how, const struct packet *packet) {
    if (falls(how->corrupt)) packet_corrupt(parcel->bytes, parcel->length, packet);
    if (falls(how->reset)) {
        size_t shortened = packet_reset(parcel->bytes, parcel->length, packet);
        if (shortened) parcel->length = shortened;
    }
    if (!falls(how->duplicate)) return;
    struct parcel twin = *parcel;
    twin.order = orders++;
    if ((twin.bytes = malloc(twin.length))) way_add((memcpy(twin.bytes, parcel->bytes, twin.length), twin));
}

void link_carry(struct space *space, struct link *link, const struct queued *it, const struct packet *packet) {
    const struct shaping *how = &link->shaping;
    moment arrived = now();
    if (how->hold && packet->data > 0) return way_add(pack(space, link, it, INT64_MAX));
    moment due = falls(how->loss) ? -1 : due_at(link, it->length, arrived);
    if (due < 0) return queue_verdict(space, it->id, DROP);
    if (due <= arrived && how->corrupt == 0 && how->duplicate == 0 && how->reset == 0)
        return queue_verdict(space, it->id, ACCEPT);
    struct parcel parcel = pack(space, link, it, due);
    if (parcel.bytes) spoil(&parcel, how, packet);
    way_add(parcel);
}
