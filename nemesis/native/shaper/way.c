/* Packets under way: a heap by time, and those that are held behind it. */
#include "shaper.h"

#include <stdlib.h>
#include <string.h>

static const size_t ROOM = 64 << 20; /* bytes under way, over all links */

static struct parcel *heap;
static size_t count, room, bytes;

static bool before(const struct parcel *a, const struct parcel *b) {
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void up(size_t at) {
    struct parcel it = heap[at];
    for (size_t parent; at > 0 && before(&it, &heap[parent = (at - 1) / 2]); at = parent) heap[at] = heap[parent];
    heap[at] = it;
}

static void down(size_t at) {
    struct parcel it = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&heap[child + 1], &heap[child])) child++;
        if (!before(&heap[child], &it)) break;
        heap[at] = heap[child];
    }
    heap[at] = it;
}

static void hand_over(struct parcel *parcel) {
    if (parcel->bytes) space_send(parcel->space, parcel->bytes, parcel->length);
    else queue_verdict(parcel->space, parcel->id, ACCEPT);
}

static void drop(struct parcel *parcel) {
    bytes -= parcel->bytes ? parcel->length : 0;
    free(parcel->bytes);
}

void way_add(struct parcel parcel) {
    size_t size = parcel.bytes ? parcel.length : 0;
    if (count == room) {
        struct parcel *larger = realloc(heap, (room ? room * 2 : 1024) * sizeof *heap);
        if (larger) {
            heap = larger;
            room = room ? room * 2 : 1024;
        }
    }
    if (count == room || bytes + size > ROOM) {
        if (!parcel.bytes) queue_verdict(parcel.space, parcel.id, DROP);
        free(parcel.bytes);
        return;
    }
    bytes += size;
    heap[count] = parcel;
    up(count++);
}

moment way_deliver(moment now) {
    while (count > 0 && heap[0].due <= now) {
        struct parcel first = heap[0];
        heap[0] = heap[--count];
        if (count > 0) down(0);
        hand_over(&first);
        drop(&first);
    }
    return count > 0 ? heap[0].due : INT64_MAX;
}

static int in_order(const void *a, const void *b) {
    return before(a, b) ? -1 : 1;
}

/* Takes out what `is` true of, sorted; the caller frees it. */
static struct parcel *take(bool (*is)(const struct parcel *, const void *), const void *of, size_t *taken) {
    struct parcel *out = malloc((count + 1) * sizeof *out);
    size_t kept = 0;
    *taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (out && is(&heap[i], of)) out[(*taken)++] = heap[i];
        else heap[kept++] = heap[i];
    }
    count = kept;
    for (size_t i = count / 2; i-- > 0;) down(i);
    if (out) qsort(out, *taken, sizeof *out, in_order);
    return out;
}

static bool of_link(const struct parcel *parcel, const void *link) { return parcel->link == link; }
static bool of_space(const struct parcel *parcel, const void *space) { return parcel->space == space; }

void way_flush(struct link *link) {
    size_t taken;
    struct parcel *out = take(of_link, link, &taken);
    for (size_t i = 0; i < taken; i++) {
        hand_over(&out[i]);
        drop(&out[i]);
    }
    free(out);
}

void way_forget(struct space *space) {
    size_t taken;
    struct parcel *out = take(of_space, space, &taken);
    for (size_t i = 0; i < taken; i++) drop(&out[i]);
    free(out);
}
