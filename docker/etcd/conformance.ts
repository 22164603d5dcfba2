import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MicroOperation } from 'knossos-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type Cluster,
  type Leader,
  type Member,
  type Members,
  type Node,
  NotApplied,
  type Runtime,
  type Settings,
} from '../../harness/index.ts';
import { membersOf } from '../../harness/drive/members.ts';
import { battlefield } from '../../nemesis/conformance/field.ts';
import membership from '../../nemesis/membership.ts';
import { realTime } from '../../harness/time-real.ts';
import type { BankOps } from '../../workloads/bank.ts';
import type { CounterOps } from '../../workloads/counter.ts';
import type { ListAppendOps } from '../../workloads/list-append.ts';
import type { RegisterOps } from '../../workloads/register.ts';
import type { SetOps } from '../../workloads/set.ts';
import type { UniqueIdsOps } from '../../workloads/unique-ids.ts';
import { listAppendClient, registerClient, setClient } from './clients.ts';
import { bankClient, counterClient, uniqueIdsClient } from './objects.ts';
import system from './system.ts';

const names = ['n1', 'n2', 'n3'];
const time = realTime();
/** What etcd has to do here, on any runtime. `unless` says why not, when it cannot run. */
export function etcdConformance(makeRuntime: () => Runtime, unless: string): void {
  const runtime = makeRuntime();
  const settingsOf = (reads: string): Settings => ({
    options: { reads, version: '3.4.23' },
    bug: undefined,
    runtime: runtime.name,
  });
  const settings = settingsOf('linearizable');
  const context = () => ({ settings, time, signal: new AbortController().signal });

  describe.skipIf(unless !== '')(`etcd on ${runtime.name}${unless}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'labrys-etcd-'));
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await runtime.provision(
        {
          run: `etcd-conformance-${process.pid}`,
          folder,
          nodes: names,
          ports: system.ports,
          recipe: (self: Member, members: readonly Member[]) => system.recipe(self, members, settings),
          log: () => undefined,
        },
        new AbortController().signal,
      );
    });
    beforeEach(async () => {
      await cluster.network.setCuts([]);
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await Promise.all(cluster.nodes.map(ready));
    });
    afterAll(async () => {
      await cluster?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    test('a register is written on one node and read on another', async () => {
      const [one, other] = await Promise.all([registers('n1'), registers('n2')]);
      expect(await other.read(call('a'))).toBe(null);
      await one.write(call('a', 1));
      expect(await other.read(call('a'))).toBe(1);
      expect(await one.read(call('b'))).toBe(null);
    });

    test('a compare-and-set says whether the value was the one expected', async () => {
      const one = await registers('n1');
      expect(await one.cas(call('c', [1, 2] as const))).toBe(false);
      await one.write(call('c', 1));
      expect(await one.cas(call('c', [1, 2] as const))).toBe(true);
      expect(await one.cas(call('c', [1, 3] as const))).toBe(false);
      expect(await one.read(call('c'))).toBe(2);
    });

    test('a set holds what was added to it, and nothing of a set whose name begins alike', async () => {
      const one = await sets('n1');
      for (const value of [3, 1, 10]) await one.add(call('s1', value));
      await one.add(call('s10', 4));
      const other = await sets('n3');
      expect((await other.read(call('s1'))).toSorted((a, b) => a - b)).toEqual([1, 3, 10]);
      expect(await other.read(call('s2'))).toEqual([]);
    });

    test('a transaction reads and appends to several lists as one, and sees its own appends', async () => {
      const one = await lists('n1');
      const txn = (...steps: MicroOperation[]) => one.txn(call('', steps));
      expect(await txn(['append', 'l1', 1], ['r', 'l1', null], ['r', 'l2', null])).toEqual([
        ['append', 'l1', 1],
        ['r', 'l1', [1]],
        ['r', 'l2', []],
      ]);
      await Promise.all(
        [2, 3, 4].map(async (element) => {
          const other = await lists(`n${element - 1}`);
          await other.txn(
            call('', [
              ['append', 'l1', element],
              ['append', 'l2', element],
            ] as MicroOperation[]),
          );
        }),
      );
      const [l1, l2] = (await txn(['r', 'l1', null], ['r', 'l2', null])).map(
        ([, , list]) => list as number[],
      );
      expect(l1).toHaveLength(4);
      // All of them appended to both lists, and in one order.
      expect(l2).toEqual(l1?.slice(1));
    });

    test('a counter holds what everybody has added to it', async () => {
      const all = await Promise.all(names.map((name) => counters(name)));
      expect(await all[0]?.read(call('c'))).toBe(0);
      await Promise.all(all.map((one, i) => one.add(call('c', i + 1))));
      await all[1]?.add(call('c', -2));
      expect(await all[2]?.read(call('c'))).toBe(4);
    });

    test('money moves where there is enough of it, and none is made', async () => {
      const [one, other] = await Promise.all([banks('n1'), banks('n2')]);
      expect(await one.read(call('b', 3))).toEqual([20, 20, 20]);
      expect(await one.transfer(call('b', [0, 2, 21] as const))).toBe(false);
      const both = [
        one.transfer(call('b', [0, 2, 15] as const)),
        other.transfer(call('b', [0, 1, 15] as const)),
      ];
      expect((await Promise.all(both)).toSorted()).toEqual([false, true]);
      const balances = await other.read(call('b', 3));
      expect(balances[0]).toBe(5);
      expect(balances.reduce((sum, balance) => sum + balance)).toBe(60);
    });

    test('no id is given twice, whoever is asked', async () => {
      const all = await Promise.all(names.map((name) => ids(name)));
      const drawn = await Promise.all([...all, ...all].map((one) => one.generate(call(''))));
      expect(new Set(drawn).size).toBe(6);
    });

    test('a killed leader is followed by another in a later term, and comes back with its data', async () => {
      const before = await leader();
      const one = await registers(before.node);
      await one.write(call('k', 7));
      await named(before.node).kill();
      const after = await until(async () => (await leaders()).find(({ node }) => node !== before.node));
      expect(after.term).toBeGreaterThan(before.term ?? Infinity);
      await expect(one.write(call('k', 8))).rejects.toThrow(Error);
      await expect((await registers(before.node)).write(call('k', 9))).rejects.toBeInstanceOf(NotApplied);
      await named(before.node).start();
      await ready(named(before.node));
      expect(await (await registers(before.node)).read(call('k'))).toBe(7);
    });

    test('a leader that is cut off is followed by another; what it then answers depends on `reads`', async () => {
      const old = await leader();
      const [other] = names.filter((name) => name !== old.node) as [string];
      const atMajority = await registers(other);
      await atMajority.write(call('p', 1));
      await cluster.network.setCuts(
        names.flatMap((name) =>
          name === old.node
            ? []
            : [
                { from: name, to: old.node },
                { from: old.node, to: name },
              ],
        ),
      );
      await until(async () => (await leaders()).find(({ node }) => node !== old.node));
      await until(() =>
        atMajority.write(call('p', 2)).then(
          () => true,
          () => false,
        ),
      );
      const weak = await registers(old.node, 'serializable');
      expect(await weak.read(call('p'))).toBe(1);
      const strong = await registers(old.node);
      await expect(strong.read({ ...call('p'), signal: AbortSignal.timeout(1500) })).rejects.toThrow(
        'aborted',
      );
      await cluster.network.setCuts([]);
      expect(await until(() => strong.read(call('p')).catch(() => undefined))).toBe(2);
    });

    test('a member dies with its disk, and another takes its place, which learns before it votes', async () => {
      const members = membersOf({ system, settings, time }, cluster.nodes) as Members;
      const world = {
        cluster,
        time,
        members,
        restart: (node: Node) => node.start(),
        [Symbol.asyncDispose]: async () => {},
      };
      const seats = async (at: string): Promise<Record<string, string>> =>
        Object.fromEntries((await members.list(named(at))).map(({ node, id }) => [node, id]));
      const before = await seats('n1');
      // Until it has seen all members for five seconds, etcd refuses changes; the fault asks again for longer than that.
      const { evidence, nodes, heal } = await membership.inject(battlefield(world).field(1), 'learner');
      expect(evidence).toEqual({
        outcome: 'confirmed',
        how: expect.stringMatching(/^n\d no longer lists n\d; it has n\d n\d/),
      });
      const [out = ''] = nodes;
      const [at = ''] = names.filter((name) => name !== out);
      const one = await registers(at);
      const wrote = (): Promise<boolean> =>
        one.write(call('m', 2)).then(
          () => true,
          () => false,
        );
      // The others may have to elect a leader first.
      await until(wrote);
      expect(await heal()).toEqual({
        outcome: 'confirmed',
        how: expect.stringContaining(`lists again ${out}`),
      });
      const voters = (await members.list(named(at))).filter(({ standing }) => standing === 'voter');
      expect(voters.map(({ node }) => node).toSorted()).toEqual(names);
      const after = await seats(out);
      expect(after[out]).not.toBe(before[out]);
      expect({ ...after, [out]: '' }).toEqual({ ...before, [out]: '' });
      expect(await (await registers(out)).read(call('m'))).toBe(2);
      // It is left as it is where all is well.
      await members.join(named(out), 'voter');
      expect(await seats(out)).toEqual(after);
    });

    test('what its operators do is done, and seen', async () => {
      const one = await registers('n1');
      for (const value of [1, 2, 3]) await one.write(call('adm', value));
      const seen = async (chore: string, at: string): Promise<string> =>
        (await system.admin?.[chore]?.run(named(at), context())) ?? 'nothing';
      expect(await seen('compact', 'n2')).toMatch(/^n2 has forgotten revision \d+ and those before it$/);
      expect(await seen('defragment', 'n3')).toMatch(
        /^n3 has another database file: \d+ bytes before, \d+ now$/,
      );
      expect(await seen('snapshot', 'n1')).toMatch(/^\d{4,} bytes of n1, whose checksum is right$/);
      const old = await leader();
      expect(await seen('move-leader', old.node)).toMatch(new RegExp(`^${old.node} says that n\\d leads$`));
      await expect(seen('move-leader', old.node)).rejects.toThrow(`${old.node} does not lead`);
      expect(await one.read(call('adm'))).toBe(3);
    });

    test('of a paused cluster no leader is known, and it goes on where it was', async () => {
      const one = await registers('n1');
      await one.write(call('z', 5));
      await Promise.all(cluster.nodes.map((node) => node.pause()));
      expect(await leaders()).toEqual([]);
      await Promise.all(cluster.nodes.map((node) => node.resume()));
      expect(await until(() => one.read(call('z')).catch(() => undefined))).toBe(5);
    });

    const named = (name: string): Node => cluster.nodes.find((node) => node.name === name) as Node;
    const leaders = async (): Promise<readonly Leader[]> =>
      (await system.leaders?.(cluster.nodes, context())) ?? [];
    const leader = (): Promise<Leader> => until(async () => (await leaders())[0]);
    const ready = (node: Node): Promise<true> =>
      until(() =>
        system.ready(node, context()).then(
          () => true as const,
          () => undefined,
        ),
      );

    async function registers(name: string, reads = 'linearizable'): Promise<Client<RegisterOps>> {
      return (await registerClient.open(connection(name, reads))) as unknown as Client<RegisterOps>;
    }
    async function lists(name: string): Promise<Client<ListAppendOps>> {
      return (await listAppendClient.open(
        connection(name, 'linearizable'),
      )) as unknown as Client<ListAppendOps>;
    }
    async function counters(name: string): Promise<Client<CounterOps>> {
      return (await counterClient.open(connection(name, 'linearizable'))) as unknown as Client<CounterOps>;
    }
    async function banks(name: string): Promise<Client<BankOps>> {
      return (await bankClient.open(connection(name, 'linearizable'))) as unknown as Client<BankOps>;
    }
    async function ids(name: string): Promise<Client<UniqueIdsOps>> {
      return (await uniqueIdsClient.open(
        connection(name, 'linearizable'),
      )) as unknown as Client<UniqueIdsOps>;
    }
    async function sets(name: string): Promise<Client<SetOps>> {
      return (await setClient.open(connection(name, 'linearizable'))) as unknown as Client<SetOps>;
    }
    const connection = (name: string, reads: string) => ({
      node: named(name),
      nodes: cluster.nodes,
      process: 0,
      settings: settingsOf(reads),
      time,
    });
  });
}

function call<Value = undefined>(key: string, value?: Value) {
  return { key, value: value as Value, process: 0, signal: AbortSignal.timeout(5_000) };
}

async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited in vain');
}
