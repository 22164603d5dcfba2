import type { HistoryEvent, Mark } from 'knossos-js';
import type { Message } from '../mail.ts';
import { spellsOf, type Spell } from '../nodes.ts';
import { faultName } from '../sentence.ts';
import { struckBy } from '../struck.ts';
import { answered, asked } from '../words.ts';

/** Viewers of traces give up on larger files of JSON. */
export const MOST_EVENTS = 200_000;
/** Each of these takes four more. */
const MOST_MESSAGES = 25_000;

/**
 * A run as a trace in Chrome's JSON format, which https://ui.perfetto.dev opens: a track for each client under the node
 * that it spoke to, one for the faults, one for what each node was, and one for what it sent and was sent. Times are microseconds since the run began.
 *
 * Feed it the events in order; each call answers what can be written by then, {@link rest} what only the end tells.
 */
export class PerfettoTrace {
  readonly #open = new Map<number, HistoryEvent>();
  readonly #clients = new Map<string, Set<number>>();
  readonly #marks: Mark[] = [];
  #last = 0;
  #written = 0;
  /** How many operations were left out, for there were more than a viewer can show. */
  left = 0;

  event(event: HistoryEvent | Mark): readonly object[] {
    this.#last = Math.max(this.#last, event.time);
    if (event.type === 'mark') {
      this.#marks.push(event);
      return [];
    }
    if (event.type === 'invoke') {
      this.#open.set(event.process, event);
      return [];
    }
    const call = this.#open.get(event.process);
    this.#open.delete(event.process);
    return call === undefined ? [] : this.#operation(call, event);
  }

  /** The operations that never ended, the faults, the nodes, and the tracks' names. */
  rest(): readonly object[] {
    const until = this.#last / 1e9;
    const faults = struckBy(this.#marks);
    const struck = faults.filter(({ inForce }) => inForce);
    return [
      ...[...this.#open.values()].flatMap((call) => this.#operation(call, undefined)),
      ...struck.map((fault, i) =>
        slice('faults', i, faultName(fault), fault.from, fault.to ?? until, { evidence: fault.evidence }),
      ),
      ...this.#nodes(spellsOf(this.#marks, faults, until)),
      ...this.#names(struck.length),
    ];
  }

  /** What nodes sent each other, the first of it: a slice where it was sent, one where it arrived, and an arrow between the two. */
  messages(all: readonly Message[]): readonly object[] {
    const shown = all.slice(0, MOST_MESSAGES);
    const nodes = new Set(shown.flatMap(({ from, to }) => [from, to]));
    const point = (node: string, name: string, at: number, args: object) =>
      slice('messages', trackOf(node), name, at / 1e9, at / 1e9, args);
    const arrow = (ph: 's' | 'f', id: number, node: string, at: number) => ({
      ph,
      cat: 'messages',
      name: 'message',
      id,
      pid: trackOf('messages'),
      tid: trackOf(node),
      ts: at / 1e3,
      ...(ph === 'f' && { bp: 'e' }),
    });
    return [
      ...(nodes.size > 0 ? [named('process_name', 'messages', 0, 'messages')] : []),
      ...[...nodes].map((node) => named('thread_name', 'messages', trackOf(node), node)),
      ...shown.flatMap(({ from, to, name, term, sent, arrived }, id) => {
        const args = { from, to, ...(term !== undefined && { term }) };
        if (arrived === undefined) return [point(from, `${name} → ${to}, lost`, sent, args)];
        return [
          point(from, `${name} → ${to}`, sent, args),
          arrow('s', id, from, sent),
          point(to, `${name} from ${from}`, arrived, args),
          arrow('f', id, to, arrived),
        ];
      }),
    ];
  }

  #operation(call: HistoryEvent, end: HistoryEvent | undefined): readonly object[] {
    if (this.#written >= MOST_EVENTS) {
      this.left++;
      return [];
    }
    this.#written++;
    const group = call.node ?? 'clients';
    this.#clients.set(group, (this.#clients.get(group) ?? new Set()).add(call.process));
    const outcome = end === undefined || end.type === 'invoke' ? 'info' : end.type;
    const operation = { f: String(call.f), input: call.value, outcome, output: end?.value } as const;
    const [from, to] = [call.time / 1e9, (end?.time ?? this.#last) / 1e9];
    const said = `${asked(operation)} · ${answered(operation)}`;
    return [
      slice(group, call.process, call.key === undefined ? said : `${call.key}: ${said}`, from, to, {
        outcome,
        ...(call.key !== undefined && { key: call.key }),
        ...(call.value !== undefined && { input: call.value }),
        ...(end?.value !== undefined && { output: end.value }),
        ...(end?.error !== undefined && { error: end.error }),
      }),
    ];
  }

  /** What nodes were. One that still leads when it goes down was both: slices that overlap go to tracks of their own. */
  #nodes(spells: readonly Spell[]): readonly object[] {
    const ends = new Map<string, number[]>();
    const slices = spells
      .toSorted((a, b) => a.from - b.from)
      .map(({ node, says, from, to }) => {
        const tracks = ends.get(node) ?? [];
        const free = tracks.findIndex((end) => end <= from);
        const track = free < 0 ? tracks.length : free;
        tracks[track] = to;
        ends.set(node, tracks);
        return slice('nodes', trackOf(`${node} ${track}`), says, from, to, { node });
      });
    const names = [...ends].flatMap(([node, tracks]) =>
      tracks.map((_, track) => named('thread_name', 'nodes', trackOf(`${node} ${track}`), node)),
    );
    return [...slices, ...names];
  }

  #names(faults: number): readonly object[] {
    const groups = [...this.#clients].flatMap(([group, clients]) => [
      named('process_name', group, 0, group === 'clients' ? 'clients' : `clients → ${group}`),
      ...[...clients].map((client) => named('thread_name', group, client, `client ${client}`)),
    ]);
    return [
      ...groups,
      named('process_name', 'faults', 0, 'faults'),
      ...Array.from({ length: faults }, (_, i) => named('thread_name', 'faults', i, `fault ${i + 1}`)),
      named('process_name', 'nodes', 0, 'nodes'),
    ];
  }
}

function slice(group: string, track: number, name: string, from: number, to: number, args: object): object {
  const cat = group;
  return {
    ph: 'X',
    cat,
    name,
    pid: trackOf(group),
    tid: track,
    ts: from * 1e6,
    dur: (to - from) * 1e6,
    args,
  };
}

function named(what: string, group: string, track: number, name: string): object {
  return { ph: 'M', cat: '__metadata', name: what, pid: trackOf(group), tid: track, args: { name } };
}

/** Tracks are numbers: a name's hash (FNV-1a), so that the same run gives the same file. */
function trackOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}
