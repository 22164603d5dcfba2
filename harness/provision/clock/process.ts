import type { ClockName } from '../../clock.ts';
import type { Architecture, Diversion } from './architecture.ts';
import { type ProcessMemory, Refused } from './memory.ts';
import { encode, layout, type Segment } from './segments.ts';
import { parseVdso, type Span, type Vdso, withoutSections } from './vdso.ts';

const MAGIC_LENGTH = 8;
/** How much of each entry is saved, of which there are at most three. */
const SAVED = 16;

/**
 * One process whose clocks we bend.
 *
 *     [vdso]   clock_gettime ─┐ gettimeofday ─┐ time ─┐          a jump at each entry, while `entered`
 *     spare    stub ◄─────────┴───────────────┴───────┘          written once, and never erased: a thread may be in it
 *              saved entries, configuration                      two small writes change a clock
 *
 * Everything needed to undo it is in the process itself, so that whoever finds it can.
 */
export class BentProcess {
  readonly #memory: ProcessMemory;
  readonly #base: number;
  /** As it was before anyone changed it. */
  readonly #image: Buffer;
  readonly #vdso: Vdso;
  readonly #room: Span;
  /** How many pieces each clock has had. */
  readonly #pieces: Record<ClockName, number> = { wall: 0, monotonic: 0 };
  #stubbed = false;
  #entered = false;

  private constructor(memory: ProcessMemory, base: number, image: Buffer, vdso: Vdso) {
    this.#memory = memory;
    this.#base = base;
    this.#image = Buffer.from(image);
    this.#vdso = vdso;
    const stubbed = [vdso.spare, vdso.withHeaders].find(({ at }) =>
      isAt(image, at, vdso.architecture.stub.subarray(0, MAGIC_LENGTH)),
    );
    this.#room = stubbed ?? roomIn(vdso, image);
    if (stubbed === undefined) return;
    const { saved } = vdso.architecture.places;
    this.#entries.forEach(({ from }, i) => {
      const at = this.#room.at + saved + i * SAVED;
      image.copy(this.#image, from, at, at + SAVED);
    });
    this.#stubbed = true;
    this.#entered = this.#diversions().every(({ at, bytes }) => isAt(image, at, bytes));
    for (const clock of ['wall', 'monotonic'] as const)
      this.#pieces[clock] = image.readUInt32LE(this.#place(clock));
  }

  /** Throws a {@link Refused} where there is nothing that could be bent, or no room for it. */
  static async find(memory: ProcessMemory): Promise<BentProcess> {
    const mapped = await memory.vdso();
    if (mapped === undefined)
      throw new Refused('it has no vDSO: its kernel was started without, or it is not one of 64 bits');
    const image = await memory.read(mapped.at, mapped.length);
    return new BentProcess(memory, mapped.at, image, parseVdso(image));
  }

  /** Whether it asks the stub for the time. A process begins with what its parent had, and a new program afresh. */
  get entered(): boolean {
    return this.#entered;
  }

  /** Have it ask the stub. A stub that was never used before shows the truth. */
  async enter(): Promise<void> {
    if (this.#entered) return;
    if (!this.#stubbed) await this.#plant();
    await this.#replace(this.#diversions());
    this.#entered = true;
  }

  /** Two writes, of which the second counts: no reader ever sees half a change. */
  async show(clock: ClockName, segment: Segment): Promise<void> {
    const line = this.#base + this.#place(clock);
    const count = (this.#pieces[clock] + 1) % 2 ** 32;
    const slot = count % layout.segments;
    await this.#memory.write(line + layout.ring + slot * layout.segment, encode(segment));
    const number = Buffer.alloc(4);
    number.writeUInt32LE(count);
    await this.#memory.write(line, number);
    this.#pieces[clock] = count;
  }

  /** Nobody in it looks at a clock until it may go on, by the function returned. */
  halt(): Promise<() => Promise<void>> {
    return this.#memory.halt([]);
  }

  /** Its own entries again. The stub stays where it is. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    await this.#replace(
      this.#diversions().map(({ at, bytes }) => ({ at, bytes: this.#image.subarray(at, at + bytes.length) })),
    );
    this.#entered = false;
  }

  /** Throws when its memory is gone. */
  async check(): Promise<void> {
    await this.#memory.read(this.#base + this.#room.at, MAGIC_LENGTH);
  }

  close(): void {
    this.#memory.close();
  }

  get #architecture(): Architecture {
    return this.#vdso.architecture;
  }

  /** The functions that this vDSO has, of those that we lead elsewhere. */
  get #entries(): readonly { readonly from: number; readonly to: number }[] {
    return this.#architecture.entries.flatMap(({ name, to }) => {
      const span = this.#vdso.functions.get(name);
      return span === undefined ? [] : [{ from: span.at, to: this.#room.at + to }];
    });
  }

  #diversions(): readonly Diversion[] {
    return this.#entries.map(({ from, to }) => this.#architecture.divert(this.#image, from, to));
  }

  /** Changes code that may be running this moment. */
  async #replace(changes: readonly Pick<Diversion, 'at' | 'bytes'>[]): Promise<void> {
    const goOn = await this.#memory.halt(
      changes.map(({ at, bytes }) => ({ at: this.#base + at, length: bytes.length })),
    );
    try {
      for (const { at, bytes } of changes) await this.#memory.write(this.#base + at, bytes);
    } finally {
      await goOn();
    }
  }

  /** Nothing runs there yet. */
  async #plant(): Promise<void> {
    const { stub, places } = this.#architecture;
    const bytes = Buffer.alloc(places.configuration + layout.length);
    stub.copy(bytes);
    const [clockGettime] = this.#diversions();
    clockGettime?.moved(this.#room.at + places.realClockGettime)?.copy(bytes, places.realClockGettime);
    this.#entries.forEach(({ from }, i) => {
      this.#image.copy(bytes, places.saved + i * SAVED, from, from + SAVED);
    });
    if (this.#room.at < this.#vdso.spare.at)
      await this.#memory.write(this.#base, withoutSections(this.#image));
    await this.#memory.write(this.#base + this.#room.at, bytes);
    this.#stubbed = true;
  }

  /** Where a clock's line is, in the mapping. */
  #place(clock: ClockName): number {
    return this.#room.at + this.#architecture.places.configuration + layout[clock];
  }
}

/** Behind everything in the vDSO, or else also over its section headers. */
function roomIn({ architecture, spare, withHeaders, functions }: Vdso, image: Buffer): Span {
  const [first] = architecture.entries;
  if (first === undefined || !functions.has(first.name)) throw new Refused('its vDSO has no clock_gettime');
  const needed = architecture.places.configuration + layout.length;
  if (spare.length >= needed) {
    if (image.subarray(spare.at).some((byte) => byte !== 0))
      throw new Refused('the end of its vDSO is in use: something else has changed it');
    return spare;
  }
  if (withHeaders.length >= needed) return withHeaders;
  throw new Refused(`its vDSO has ${withHeaders.length} bytes to spare, and ${needed} are needed`);
}

function isAt(image: Buffer, at: number, bytes: Buffer): boolean {
  return image.subarray(at, at + bytes.length).equals(bytes);
}
