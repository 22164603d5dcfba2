import type { HistoryEvent, Mark } from 'knossos-js';
import { seeded } from '../../random.ts';

/** A make-believe run of a register: enough like a real one to be drawn, small enough to be made in a test. */
export interface Load {
  readonly seed: number;
  readonly nodes: number;
  readonly clients: number;
  readonly keys: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly faults: readonly PlannedFault[];
}

export interface PlannedFault {
  readonly name: string;
  readonly what: string;
  readonly nodes: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Who leads from a second after, and when the one that led before stops saying that it does. */
  readonly elects?: {
    readonly node: string;
    readonly term: number;
    readonly deposes: { readonly node: string; readonly at: number };
  };
}

export interface Done {
  readonly process: number;
  readonly node: string;
  readonly f: 'read' | 'write' | 'cas';
  readonly key: string;
  readonly call: number;
  readonly end: number;
  readonly type: 'ok' | 'fail' | 'info';
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: string;
}

export interface MadeLoad {
  readonly events: (HistoryEvent | Mark)[];
  readonly operations: readonly Done[];
}

/** Operations on a correct register, with the hits of faults on throughput and latency that one sees in practice. */
export function makeLoad(load: Load, planted: readonly Done[] = []): MadeLoad {
  const random = seeded(load.seed);
  const free = Float64Array.from({ length: load.clients }, () => random.fraction() / 10);
  const at = new Map<string, number>();
  const operations: Done[] = [...planted];
  const pause = load.clients / load.perSecond;
  for (let process = 0; process < load.clients; process++) {
    const node = `n${(process % load.nodes) + 1}`;
    for (let now = free[process] as number; now < load.seconds;) {
      const key = `x${Math.floor(load.keys * random.fraction() ** 2)}`;
      const fault = load.faults.find(({ from, to }) => from <= now && now < to);
      const hit = fault?.nodes.includes(node) ?? false;
      const electing = fault !== undefined && now - fault.from < 1.1;
      const slow = 0.002 + -Math.log(1 - random.fraction()) * 0.004 * (fault ? 1.6 : 1);
      const coming = load.faults.some(({ name, to }) => name === 'kill' && to <= now && now - to < 0.8);
      const lost = (hit && random.fraction() < 0.97) || ((electing || coming) && random.fraction() < 0.9);
      const f = random.pick(['read', 'read', 'read', 'write', 'write', 'cas'] as const);
      const took = lost ? 0.5 : slow;
      const kind = random.fraction();
      const inWay = planted.find((one) => one.process === process && one.call < now + took && now < one.end);
      if (inWay !== undefined) {
        now = inWay.end + 0.001;
        continue;
      }
      const base = { process, node, f, key, call: now, end: now + took };
      if (lost)
        operations.push({
          ...base,
          type: f === 'read' || kind < 0.6 ? 'fail' : 'info',
          ...inputs(f, 0, 0),
          error: kind < 0.6 ? 'connect ECONNREFUSED' : 'no answer in 500 ms',
        });
      else
        operations.push({
          ...base,
          type: 'ok',
          ...inputs(f, at.get(key) ?? 0, (at.get(key) ?? 0) + 1),
          ...(f === 'read' ? { output: null } : f === 'cas' ? { output: true } : {}),
        });
      if (!lost && f !== 'read') at.set(key, (at.get(key) ?? 0) + 1);
      now += took + pause * (0.3 + random.fraction() * 1.4) * 0.8;
    }
  }
  return { operations, events: eventsOf(operations, load.faults) };
}

function inputs(f: Done['f'], from: number, to: number): { input?: unknown } {
  return f === 'read' ? {} : { input: f === 'write' ? to : [from, to] };
}

/** Events in the order of their times, and the marks of the faults among them. */
function eventsOf(operations: readonly Done[], faults: readonly PlannedFault[]): (HistoryEvent | Mark)[] {
  const loose: Loose[] = operations.flatMap((o): Loose[] => [
    {
      time: ns(o.call),
      build: (index) => ({
        index,
        time: ns(o.call),
        process: o.process,
        node: o.node,
        type: 'invoke',
        f: o.f,
        key: o.key,
        ...(o.input === undefined ? {} : { value: o.input }),
      }),
    },
    {
      time: ns(o.end),
      build: (index) => ({
        index,
        time: ns(o.end),
        process: o.process,
        type: o.type,
        f: o.f,
        key: o.key,
        ...(o.type === 'ok' && o.output !== undefined ? { value: o.output } : {}),
        ...(o.error === undefined ? {} : { error: o.error }),
      }),
    },
  ]);
  for (const fault of faults) loose.push(...marksOf(fault));
  loose.push({
    time: 1,
    build: (index) => ({
      index,
      time: 1,
      type: 'mark',
      name: 'role',
      what: 'n1 leads in term 3',
      nodes: ['n1'],
      details: { role: 'leader', term: 3 },
    }),
  });
  const begins = new Map<PlannedFault, number>();
  return loose.toSorted((a, b) => a.time - b.time).map(({ build }, index) => build(index, begins));
}

function ns(seconds: number): number {
  return Math.round(seconds * 1e9);
}

interface Loose {
  readonly time: number;
  readonly build: (index: number, begins: Map<PlannedFault, number>) => HistoryEvent | Mark;
}

/** As the harness marks a fault: what a probe saw, who led meanwhile, and the heal. */
function marksOf(fault: PlannedFault): Loose[] {
  const { name, what, nodes, from, to } = fault;
  const evidence = { outcome: 'confirmed', how: `${nodes.join(' ')} could not be reached from the others` };
  const mark = (
    at: number,
    rest: (index: number, begins: Map<PlannedFault, number>) => Omit<Mark, 'index' | 'time' | 'type'>,
  ): Loose => ({
    time: ns(at),
    build: (index, begins) => ({ index, time: ns(at), type: 'mark', ...rest(index, begins) }),
  });
  const leads = fault.elects;
  return [
    mark(from, (index, begins) => {
      begins.set(fault, index);
      return { name: 'fault', what: `${name} ${what}`, nodes, details: { fault: name, evidence } };
    }),
    mark(to, (_, begins) => ({
      name: 'heal',
      what: `${name} ${what}`,
      nodes,
      ends: begins.get(fault) as number,
      details: { fault: name },
    })),
    ...(leads === undefined
      ? []
      : [
          mark(from + 1.15, () => ({
            name: 'role',
            what: `${leads.node} leads in term ${leads.term}`,
            nodes: [leads.node],
            details: { role: 'leader', term: leads.term },
          })),
          mark(leads.deposes.at, () => ({
            name: 'role',
            what: `${leads.deposes.node} no longer leads`,
            nodes: [leads.deposes.node],
            details: { role: 'other' },
          })),
        ]),
  ];
}
