import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Evidence, Fault, Field, Injection, Members } from '../../harness/fault.ts';
import { majorityOf } from '../../harness/quorum.ts';
import { CLIENTS, type Capability, type Cluster, type Link, type Node } from '../../harness/runtime.ts';
import type { Leader } from '../../harness/system.ts';
import type { Time } from '../../harness/time.ts';
import { allLinks } from '../shapes.ts';
import { battlefield, type FieldOptions } from './field.ts';
import { illDisks } from './ill-disks.ts';
import { illLinks } from './ill-links.ts';
import { outsiders } from './memory-members.ts';
import { wanting } from './wanting.ts';
import { wrongClocks } from './wrong-clocks.ts';

/** A cluster that runs, for a fault to strike. */
export interface FaultWorld extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly time: Time;
  leaders?(): Promise<readonly Leader[]>;
  /** Who plays which part, by node. */
  readonly roles?: Readonly<Record<string, string>>;
  /** Its members, where they can be changed. */
  readonly members?: Members;
  /** What the system's operators do, and where its nodes can be made to die. */
  readonly chores?: NonNullable<Field['chores']>;
  readonly arm?: NonNullable<Field['arm']>;
  /** Start a killed node, and wait until it answers. */
  restart(node: Node): Promise<void>;
}

/**
 * What every fault keeps, on any runtime: it happens and a probe says so, its heal undoes it whatever has happened in
 * between, and no heal undoes what another fault still holds. Give it five nodes where that is cheap, three otherwise.
 */
export function faultConformance(
  fault: Fault,
  open: () => Promise<FaultWorld>,
  {
    can,
    because,
    variants = fault.variants,
    brief = false,
  }: {
    readonly can: ReadonlySet<Capability>;
    /** Why it can no more, where this machine is the reason. */
    readonly because?: string | undefined;
    /** Where each costs seconds, and what tells them apart has been tried in memory: some of them. */
    readonly variants?: readonly string[];
    /** Only whether it happens, where all that tells it from others that are tried in full is what a probe of it sees. */
    readonly brief?: boolean;
  },
): void {
  const missing = fault.needs.filter((need) => !can.has(need));
  const reason =
    missing.length > 0
      ? ` (skipped: this runtime cannot ${missing.join(', ')}${because === undefined ? '' : `: ${because}`})`
      : '';

  describe.skipIf(missing.length > 0)(`fault ${fault.name}${reason}`, () => {
    let world: FaultWorld;
    let names: readonly string[];
    beforeAll(async () => {
      world = await open();
      names = world.cluster.nodes.map(({ name }) => name);
    });
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
    });

    test('says what it is in one line, and how it can strike', () => {
      expect(fault.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(fault.about).toMatch(/^[^\n]{10,100}$/);
      expect(variants.length).toBeGreaterThan(0);
      expect(new Set(variants).size).toBe(variants.length);
    });

    describe.each(variants)('%s', (variant) => {
      const strike = (seed: number, more?: FieldOptions) =>
        fault.inject(battlefield(world).field(seed, more), variant);

      test('happens as a probe sees it, or says why not; and its heal leaves nothing behind', async () => {
        const injection = await strike(1);
        const { outcome } = injection.evidence;
        const healed = await injection.heal();
        expect(['confirmed', 'skipped']).toContain(outcome);
        expect(said(injection.evidence)).toMatch(SAYING);
        expect(injection.what).toMatch(/^[^\n]{2,120}$/);
        expect(injection.nodes.length > 0).toBe(outcome === 'confirmed');
        expect(names).toEqual(expect.arrayContaining([...injection.nodes]));
        expect(healed?.outcome).toBe(outcome === 'confirmed' ? 'confirmed' : undefined);
        expect(await ills()).toEqual([]);
      });

      if (brief) return;

      test('heals twice, also at the same time', async () => {
        const injection = await strike(2);
        await Promise.all([injection.heal(), injection.heal()]);
        await injection.heal();
        expect(await ills()).toEqual([]);
      });

      test('heals after the nodes that it hit have died', async ({ skip }) => {
        if (!can.has('kill')) skip('this runtime cannot kill');
        const injection = await strike(3);
        const dead = world.cluster.nodes.filter(({ name }) => injection.nodes.includes(name));
        await Promise.all(dead.map((node) => node.kill()));
        await injection.heal();
        await Promise.all(dead.map((node) => world.restart(node)));
        expect(await ills()).toEqual([]);
      });

      test('strikes the same from the same seed', async () => {
        const struck: object[] = [];
        for (let time = 0; time < 2; time++) {
          const injection = await strike(4);
          struck.push({ what: injection.what, nodes: injection.nodes });
          await injection.heal();
        }
        expect(struck[0]).toEqual(struck[1]);
      });

      test('two at once are healed in either order, and the first heal spares the other', async () => {
        for (const order of [0, 1]) {
          const both = battlefield(world);
          const first = await fault.inject(both.field(5), variant);
          const second = await fault.inject(both.field(6, { impaired: first.nodes }), variant);
          const [sooner, later] = order === 0 ? [first, second] : [second, first];
          await sooner.heal();
          expect(await feels(later)).toBe(true);
          await later.heal();
          expect(await ills()).toEqual([]);
        }
      });

      test('leaves a majority up and connected where it has to', async () => {
        const injection = await strike(7, { quorum: 'never' });
        expect(said(injection.evidence)).toMatch(SAYING);
        const up = await Promise.all(world.cluster.nodes.map((node) => node.state()));
        const running = names.filter((_, i) => up[i] === 'running');
        const links = allLinks(running);
        const arrives = await world.cluster.network.probe(links);
        const both = (a: string, b: string): boolean =>
          a === b ||
          [
            [a, b],
            [b, a],
          ].every(([from, to]) => arrives[links.findIndex((link) => link.from === from && link.to === to)]);
        const widest = Math.max(0, ...running.map((a) => running.filter((b) => both(a, b)).length));
        await injection.heal();
        expect(widest).toBeGreaterThanOrEqual(majorityOf(names.length));
        expect(await ills()).toEqual([]);
      });
    });

    /** The nodes that do not run and the links that do not carry; a little later, where a node has just come back. */
    async function ills(): Promise<string[]> {
      const links = allLinks([...names, CLIENTS]);
      for (let tries = 0; ; tries++) {
        const states = await Promise.all(world.cluster.nodes.map((node) => node.state()));
        const arrives = await world.cluster.network.probe(links);
        const left = [
          ...names.filter((_, i) => states[i] !== 'running'),
          ...links.filter((_, i) => arrives[i] !== true).map(({ from, to }) => `${from} → ${to}`),
          ...(await wrongClocks(world.cluster.nodes, world.time)),
          ...(await badly(allLinks(names))),
          ...(await wanting(world.cluster.nodes)),
          ...(await illDisks(world.cluster.nodes)),
          ...(await heldBack(world.cluster.nodes)),
          ...(await outsiders(world.members, world.cluster.nodes)),
        ];
        if (left.length === 0 || tries === 40) return left;
        await world.time.sleep(50);
      }
    }

    /** How links carry takes a while to find out, and is no business of faults that do not shape any. */
    async function badly(links: readonly Link[]): Promise<string[]> {
      return fault.needs.includes('shape') ? await illLinks(world.cluster.network, links) : [];
    }

    /** The nodes that get less than they want: no business of faults that do not see to it, either. */
    async function heldBack(nodes: readonly Node[]): Promise<string[]> {
      if (!fault.needs.includes('group')) return [];
      const found = nodes.map(async ({ name, group }) =>
        // Of a dead one, nothing.
        ((await group?.burn(100).catch(() => undefined))?.held ?? 0) > 0 ? [`${name} is held back`] : [],
      );
      return (await Promise.all(found)).flat();
    }

    /** Whether a fault that was confirmed is still in force. */
    async function feels({ evidence, nodes, over }: Injection): Promise<boolean> {
      if (evidence.outcome !== 'confirmed' || over === true) return true;
      const hit = world.cluster.nodes.filter(({ name }) => nodes.includes(name));
      const links = allLinks([...names, CLIENTS]).filter(
        ({ from, to }) => nodes.includes(from) || nodes.includes(to),
      );
      // What comes and goes is looked at more than once: a clock that flickers, a node that crashes again and again.
      for (let looks = 0; looks < 20; looks++) {
        const states = await Promise.all(hit.map((node) => node.state()));
        const blocked = (await world.cluster.network.probe(links)).includes(false);
        if (blocked || states.some((state) => state !== 'running')) return true;
        if ((await wrongClocks(hit, world.time, { lenient: false })).length > 0) return true;
        if ((await badly(links.filter(({ from, to }) => from !== CLIENTS && to !== CLIENTS))).length > 0)
          return true;
        if ((await outsiders(world.members, world.cluster.nodes)).length > 0) return true;
        if ((await heldBack(hit)).length > 0) return true;
        if ((await wanting(hit)).length > 0 || (await illDisks(hit)).length > 0) return true;
        await world.time.sleep(37 * looks);
      }
      return false;
    }
  });
}

const SAYING = /^[^\n]{10,300}$/;

function said(evidence: Evidence): string {
  return evidence.outcome === 'confirmed' ? evidence.how : evidence.because;
}
