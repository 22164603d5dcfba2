import { openJournal } from '../journal.ts';
import { NotApplied, Unreachable } from '../kit.ts';
import type { Host, Timer } from '../kit.ts';
import type { Link } from './link.ts';
import type { Machine } from './machine.ts';
import { request } from './request.ts';

const CALL_MS = 1_000;

/** Whom a machine can reach, and how. */
export interface Neighbours {
  readonly machines: ReadonlyMap<string, Machine>;
  machine(id: string): Machine;
  link(from: string, to: string): Link;
  /** A line of a node's log. */
  say(id: string, line: object): void;
  /** A message is on its way; call what this answers when it arrives. */
  sent(from: string, to: string, name: string, body: unknown): () => void;
}

/** The world as a node sees it in one life of its machine. After that life, nothing it does has an effect. */
export function hostOf(machine: Machine, neighbours: Neighbours): Host {
  const { around, id, life } = machine;
  const alive = (): boolean => machine.life === life;
  const random = machine.random.fork(`life ${life}`);
  const say = (line: object): void => {
    const { role, term } = machine.status ?? {};
    neighbours.say(id, { time: Math.round(machine.wall()), node: id, role, term, ...line });
  };
  const after = (ms: number, then: () => void): Timer => {
    let cancelled = false;
    machine.later(ms, () => {
      if (cancelled) return;
      around.note(`timer ${id}`);
      then();
    });
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  };
  return {
    id,
    peers: [...neighbours.machines.keys()].filter((other) => other !== id),
    random: { fraction: () => random.fraction(), below: (limit) => random.below(limit) },
    clock: {
      wall: () => machine.wall(),
      monotonic: () => machine.monotonic(),
      after,
      sleep: (ms) => new Promise((wake) => void after(ms, wake)),
    },
    disk: diskOf(machine, alive),
    cast: (to, name, body) => {
      const text = JSON.stringify(body ?? null);
      const there = neighbours.machine(to);
      if (!alive()) return;
      const arrived = neighbours.sent(id, to, name, body);
      neighbours.link(id, to).datagram(() => {
        arrived();
        const { node } = there;
        if (node)
          there.whenListening(
            () => void there.run(() => node.peer[name]?.(JSON.parse(text), id)).catch(() => {}),
          );
      }, text.length);
    },
    call: (to, name, body, withinMs = CALL_MS) =>
      new Promise((resolve, reject) => {
        if (!alive()) return;
        const late = after(withinMs, () => reject(new Unreachable(`no answer to ${name} in ${withinMs} ms`)));
        const settle = (how: () => void): void => {
          if (!alive()) return;
          machine.whenAwake(() => {
            if (!alive()) return;
            late.cancel();
            how();
          });
        };
        const text = JSON.stringify(body ?? null);
        const there = neighbours.machine(to);
        const refuse = (error: Error): void => settle(() => reject(error));
        const lost = (): void => refuse(new Unreachable(`the connection to ${to} broke`));
        const back = (output: unknown, how: () => void): void => {
          const returned = neighbours.sent(to, id, `${name} reply`, output);
          neighbours.link(to, id).stream(
            () => {
              returned();
              settle(how);
            },
            lost,
            (JSON.stringify(output) ?? '').length,
          );
        };
        const arrived = neighbours.sent(id, to, name, body);
        neighbours.link(id, to).stream(
          () => {
            if (!alive()) return; // the sender died, and its connection with it
            arrived();
            request(
              there,
              (node) => node.peer[name]?.(JSON.parse(text), id),
              // Whoever called is compiled against the same messages as the method.
              (output) => back(output, () => resolve(output as never)),
              // Who refuses a connection refuses this node's: to whoever asked this node, that says nothing.
              (error) =>
                back(undefined, () =>
                  reject(error instanceof NotApplied ? error : new Unreachable(error.message)),
                ),
            );
          },
          lost,
          text.length,
        );
      }),
    report: (status) => {
      if (!alive()) return;
      machine.status = status;
      around.note(`${id} ${status.role} ${status.term}`);
      say({ ...status });
    },
    log: (text) => say({ log: text }),
  };
}

function diskOf(machine: Machine, alive: () => boolean): Host['disk'] {
  const { disk, around } = machine;
  return openJournal({
    records: [...disk.records],
    write: (record) => {
      if (alive()) disk.records.push(record);
    },
    sync: () =>
      new Promise((done) => {
        const upTo = disk.records.length;
        if (upTo === disk.durable) return done();
        machine.later(around.weather.syncMs, () => {
          disk.durable = Math.max(disk.durable, upTo);
          done();
        });
      }),
  });
}
