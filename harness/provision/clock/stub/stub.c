/*
 * What a process runs instead of asking the kernel's vDSO for the time.
 *
 * Linked into one flat piece of bytes that works wherever it lies: header, code, moved prologue, saved entries, and last
 * the configuration. The harness copies it into the unused end of a process's own vDSO, where it is executable already,
 * and makes the vDSO's entries jump here. It asks the vDSO for the real time, and bends it.
 *
 *     clock_gettime ─jump─► fake_clock_gettime ─► real_clock_gettime ─► the rest of the vDSO's clock_gettime
 *                                  │ bent by the segment in force
 *
 * It writes nothing but the caller's result and calls nothing else, so that it may run in a signal handler, on a
 * goroutine's system stack, in any number of threads. Build it with `node build.ts`.
 */
typedef long long i64;
typedef unsigned long long u64;
typedef unsigned u32;
struct timespec { i64 seconds, nanoseconds; };
struct timeval { i64 seconds, microseconds; };

/* One piece of a bent clock, from the real time `from` on: t + ahead + (t - from) * rate / 2^32, and in every other
 * period `by` more. All zero is a clock that is right. */
struct segment { i64 from, ahead, rate, every, by; };
/* The pieces of a clock so far, of which the last is ring[count % 4], the one before it ring[(count - 1) % 4], and so on. */
struct line { u32 count, unused; struct segment ring[4]; };

#define PLACE(name) __attribute__((section(".stub." name), used))
#define CONFIGURATION PLACE("9") __attribute__((aligned(8)))

PLACE("0") __attribute__((aligned(16))) const u64 magic = 0x3153595242414cULL; /* LABRYS1 */
CONFIGURATION volatile struct { struct line wall, monotonic; } configuration = {};

#if defined(__x86_64__)
#define GETTIMEOFDAY 96
/* Space for the first instructions of the vDSO's clock_gettime and a jump to the others. Until they are moved here, and
 * where they cannot be: the system call. */
__asm__(".section .stub.5,\"ax\"\n.globl real_clock_gettime\n.hidden real_clock_gettime\n.balign 16\n"
        "real_clock_gettime: mov $228, %eax\n syscall\n ret\n .fill 32 - (. - real_clock_gettime), 1, 0xcc\n"
        ".globl saved\n.hidden saved\nsaved: .fill 48, 1, 0\n.previous");
static inline void real_timezone(void *zone) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "0"(GETTIMEOFDAY), "D"(0), "S"(zone) : "rcx", "r11", "memory");
}
#else
#define GETTIMEOFDAY 169
__asm__(".section .stub.5,\"ax\"\n.globl real_clock_gettime\n.hidden real_clock_gettime\n.balign 16\n"
        "real_clock_gettime: mov x8, #113\n svc #0\n ret\n brk #0\n"
        ".globl saved\n.hidden saved\nsaved: .fill 48, 1, 0\n.previous");
static inline void real_timezone(void *zone) {
  register long number __asm__("x8") = GETTIMEOFDAY, first __asm__("x0") = 0;
  register void *second __asm__("x1") = zone;
  __asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second) : "memory");
}
#endif
extern __attribute__((visibility("hidden"))) int real_clock_gettime(long clock, struct timespec *out);

#define WALL (1u << 0 | 1u << 5 | 1u << 8 | 1u << 11)                /* REALTIME, _COARSE, _ALARM, TAI */
#define MONOTONIC (1u << 1 | 1u << 4 | 1u << 6 | 1u << 7 | 1u << 9) /* MONOTONIC, _RAW, _COARSE, BOOTTIME, _ALARM */

static __attribute__((noinline)) PLACE("4") int get(long clock, struct timespec *out) {
  volatile struct line *line = 0;
  if ((u64)clock <= 11) {
    if (1u << clock & WALL) line = &configuration.wall;
    if (1u << clock & MONOTONIC) line = &configuration.monotonic;
  }
  if (!line) return real_clock_gettime(clock, out);
  i64 bent;
  u32 count;
  do { /* Again, if there is a new piece by then: only of what was unchanged meanwhile is it clear which piece holds. */
    count = __atomic_load_n(&line->count, __ATOMIC_ACQUIRE);
    int failed = real_clock_gettime(clock, out);
    if (failed) return failed;
    i64 t = out->seconds * 1000000000LL + out->nanoseconds;
    u32 at = count & 3;
    for (int older = 0; older < 2 && t < line->ring[at].from; older++) at = (at - 1) & 3;
    volatile struct segment *held = &line->ring[at];
    /* Each field is read once: it may be overwritten, and a divisor that was not 0 must stay so. */
    i64 since = t - held->from, every = held->every;
    bent = t + held->ahead + (i64)(((__int128)since * held->rate) >> 32);
    if (every && ((since / every) & 1)) bent += held->by;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  } while (__atomic_load_n(&line->count, __ATOMIC_RELAXED) != count);
  if (bent < 0) bent = 0;
  out->seconds = bent / 1000000000LL;
  out->nanoseconds = bent % 1000000000LL;
  return 0;
}

PLACE("1") int fake_clock_gettime(int clock, struct timespec *out) { return get(clock, out); }

PLACE("2") int fake_gettimeofday(struct timeval *out, void *zone) {
  struct timespec now;
  if (zone) real_timezone(zone);
  if (out) {
    get(0, &now);
    out->seconds = now.seconds;
    out->microseconds = now.nanoseconds / 1000;
  }
  return 0;
}

PLACE("3") i64 fake_time(i64 *out) {
  struct timespec now;
  get(5, &now);
  if (out) *out = now.seconds;
  return now.seconds;
}
