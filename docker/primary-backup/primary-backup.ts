import { NotApplied, type Host, type Key, type Node, type Protocol } from '../kit/kit.ts';
import type { Command } from '../kit/objects.ts';
import { within } from '../kit/within.ts';
import { isBug, type Bug } from './bugs.ts';
import { Copy } from './copy.ts';
import type { BackupMessages, Kept, View } from './messages.ts';
import { Reign } from './reign.ts';
import { ViewService } from './view-service.ts';

const PING_MS = 100;
/** For so long after a ping that was answered, nobody else is primary. Shorter than the view service’s patience. */
const LEASE_MS = 450;
/** After so long a primary stops waiting for its backups on a client’s behalf, and says that it does not know. */
const OPERATION_MS = 1_000;

/** The operations of the workloads `register` and `set`. */
export type BackupOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  cas: { in: readonly [from: number, to: number]; out: boolean };
  add: { in: number; out: void };
  'set.read': { in: void; out: readonly number[] };
};

interface Mode {
  /** Whether a write waits for the backups. */
  readonly synchronous: boolean;
  /** Whether reads are answered for as long as the primary has a lease, and not by asking the backups. */
  readonly leased: boolean;
  readonly bug: Bug | undefined;
}

/**
 * Primary-backup replication (Alsberg & Day 1976; Budhiraja, Marzullo, Schneider & Toueg 1993) with a view service as in
 * MIT’s 6.824: the first node says who is primary, the others hold copies.
 */
const primaryBackup: Protocol<BackupMessages, BackupOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`primary-backup has no bug ${bug}`);
  const synchronous = options['replication'] !== 'async';
  return (host) => {
    const [first] = [host.id, ...host.peers].toSorted();
    const mode = { synchronous, leased: !synchronous || options['reads'] === 'lease', bug };
    return host.id === first ? serveViews(host, bug) : new Member(host, first as string, mode);
  };
};
export default primaryBackup;

/** The first node holds no copy: it knows who does. */
function serveViews(
  host: Host<BackupMessages>,
  bug: Bug | undefined,
): Node<BackupMessages, BackupOperations> {
  const service = new ViewService(host.disk, host.clock, host.peers.toSorted(), bug);
  const elsewhere = (): never => {
    throw new NotApplied('the view service holds no data', service.view?.primary);
  };
  return {
    start: () => host.report({ role: 'view service' }),
    peer: {
      ping: (ping, from) => service.ping(from, ping),
      update: elsewhere,
      install: elsewhere,
    },
    client: { read: elsewhere, write: elsewhere, cas: elsewhere, add: elsewhere, 'set.read': elsewhere },
  };
}

class Member implements Node<BackupMessages, BackupOperations> {
  readonly #host: Host<BackupMessages>;
  readonly #service: string;
  readonly #mode: Mode;
  readonly #copy: Copy;
  readonly #life: number;
  /** While it is primary. */
  #reign: Reign | undefined;
  #view: View | undefined;
  /** Whoever speaks for an earlier view than this is not listened to. */
  #fence: number;
  #leaseUntil = -Infinity;

  constructor(host: Host<BackupMessages>, service: string, mode: Mode) {
    this.#host = host;
    this.#service = service;
    this.#mode = mode;
    this.#copy = new Copy(host.disk);
    this.#fence = host.disk.get<number>('fence') ?? 0;
    this.#life = (host.disk.get<number>('life') ?? 0) + 1;
  }

  async start(): Promise<void> {
    this.#host.disk.set('life', this.#life);
    this.#host.report({ role: 'backup' });
    await this.#host.disk.sync();
    this.#pingForEver();
  }

  readonly peer = {
    ping: (): never => {
      throw new NotApplied('only the first node is the view service');
    },

    update: async ({ view, epoch, after, commands }: BackupMessages['update']['in']): Promise<Kept> => {
      const fenced = this.#fenced(view);
      if (fenced) return fenced;
      const { position } = this.#copy;
      const blind = this.#mode.bug === 'no-fencing' && view < this.#fence;
      if (!blind && (epoch !== position.epoch || after > position.length)) return { as: 'gap' };
      for (const command of commands.slice(blind ? 0 : position.length - after)) this.#copy.apply(command);
      return this.#held(view, blind ? after + commands.length : this.#copy.position.length);
    },

    install: async ({ view, epoch, length, state }: BackupMessages['install']['in']): Promise<Kept> => {
      const fenced = this.#fenced(view);
      if (fenced) return fenced;
      const { position } = this.#copy;
      const late = position.epoch > epoch || (position.epoch === epoch && position.length >= length);
      if (!late) this.#copy.become({ epoch, length, state });
      return this.#held(view, length);
    },
  };

  readonly client = {
    read: (_: void, key: Key) => this.#read(key, () => this.#copy.objects.read(key)),
    'set.read': (_: void, key: Key) => this.#read(key, () => this.#copy.objects.elements(key)),
    write: async (value: number, key: Key) => {
      if (typeof value !== 'number') throw new NotApplied('write takes a number');
      await this.#change({ f: 'write', key, value });
    },
    add: async (value: number, key: Key) => {
      if (typeof value !== 'number') throw new NotApplied('add takes a number');
      await this.#change({ f: 'add', key, value });
    },
    cas: async (value: readonly [from: number, to: number], key: Key) => {
      if (!Array.isArray(value) || value.length !== 2) throw new NotApplied('cas takes [from, to]');
      return (await this.#change({ f: 'cas', key, value })) as boolean;
    },
  };

  async #change(command: Command): Promise<unknown> {
    const reign = this.#reigning();
    const result = reign.order(command);
    if (!this.#mode.synchronous || this.#mode.bug === 'answers-before-backups') await this.#host.disk.sync();
    else await within(this.#host.clock, OPERATION_MS, 'to hear from every backup', reign.confirmed());
    return result;
  }

  async #read<T>(key: Key, look: () => T): Promise<T> {
    const { synchronous, leased, bug } = this.#mode;
    const reign = this.#reigning();
    const seen = look();
    // What a client has seen must not be lost: it waits for whatever write it saw to be where it has to be.
    if (!synchronous || bug === 'stale-read') await this.#host.disk.sync();
    else
      await within(
        this.#host.clock,
        OPERATION_MS,
        'to hear from every backup',
        leased ? reign.held(key) : reign.confirmed(),
      );
    return seen;
  }

  #reigning(): Reign {
    const reign = this.#reign;
    if (!reign) throw new NotApplied(`${this.#host.id} is not the primary`, this.#view?.primary);
    if (this.#mode.leased && this.#host.clock.monotonic() >= this.#leaseUntil)
      throw new NotApplied('its lease is over, and it may be deposed');
    return reign;
  }

  #fenced(view: number): Kept | undefined {
    if (view < this.#fence && this.#mode.bug !== 'no-fencing') return { as: 'fenced', view: this.#fence };
    if (view > this.#fence) this.#raise(view);
    return undefined;
  }

  async #held(view: number, length: number): Promise<Kept> {
    if (this.#mode.bug !== 'ack-before-sync') await this.#host.disk.sync();
    // A newer view may have come while the disk was busy.
    return this.#fenced(view) ?? { as: 'held', length };
  }

  #raise(view: number): void {
    this.#fence = view;
    this.#host.disk.set('fence', view);
    if (this.#reign && this.#view && view > this.#view.number) this.#abdicate();
  }

  #abdicate(): void {
    this.#reign?.end();
    this.#reign = undefined;
    this.#host.report({ role: 'backup' });
  }

  #pingForEver(): void {
    void this.#ping();
    this.#host.clock.after(PING_MS, () => this.#pingForEver());
  }

  async #ping(): Promise<void> {
    const sent = this.#host.clock.monotonic();
    const reign = this.#reign;
    const ping = {
      life: this.#life,
      acknowledges: reign?.acknowledges() ?? 0,
      position: this.#copy.position,
      silent: reign?.silent() ?? [],
    };
    const view = await this.#host
      .call(this.#service, 'ping', ping, LEASE_MS)
      .catch((): undefined => undefined);
    if (!view || view.number < Math.max(this.#view?.number ?? 0, this.#fence)) return;
    if (view.number > (this.#view?.number ?? 0)) this.#adopt(view);
    if (this.#reign && view.primary === this.#host.id)
      this.#leaseUntil = Math.max(this.#leaseUntil, sent + LEASE_MS);
  }

  #adopt(view: View): void {
    const { primary, life, epoch, number } = view;
    const mine = primary === this.#host.id && life === this.#life;
    const before = this.#reign;
    this.#view = view;
    this.#raise(Math.max(number, this.#fence));
    if (!mine || before?.epoch !== epoch) before?.end();
    if (!mine) this.#reign = undefined;
    else if (before?.epoch === epoch) before.adopt(view);
    else
      this.#reign = new Reign(this.#host, this.#copy, view, {
        bug: this.#mode.bug,
        outdated: () => void this.#ping(),
      });
    const role = mine ? 'leader' : view.backups.includes(this.#host.id) ? 'backup' : 'idle';
    this.#host.report({ role, term: number, leader: primary });
  }
}
