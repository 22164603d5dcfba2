import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENTS } from '../runtime.ts';
import { AgentRefusal, startAgent } from './agent.ts';
import type { LocalAgent } from './agent.ts';
import { layNetwork } from './local-network.ts';
import type { LocalNetwork } from './local-network.ts';
import { unlessInside } from './ground.ts';

const there = { from: 'n1', to: 'n2' };
const back = { from: 'n2', to: 'n1' };

let helper: LocalAgent;
let lan: LocalNetwork;

describe.skipIf(!unlessInside.here)(`the network agent${unlessInside.because}`, () => {
  beforeAll(async () => {
    helper = await startAgent();
    lan = await layNetwork(helper.agent, ['n1', 'n2', 'n3']);
  });
  beforeEach(() => lan.network.setCuts([]));
  afterAll(async () => {
    await lan?.[Symbol.asyncDispose]();
    await helper?.[Symbol.asyncDispose]();
  });

  test('not one packet of a cut link arrives at its end, nor anywhere else', async () => {
    await lan.network.setCuts([there]);
    const before = received();
    expect(await lan.network.probe([there])).toEqual([false]);
    expect(received()).toEqual(before);
  });

  test('clients are cut off from a node, or it from them, and nobody else is touched', async () => {
    const [asks, answers] = [
      { from: CLIENTS, to: 'n1' },
      { from: 'n1', to: CLIENTS },
    ];
    const links = [asks, answers, there, { from: CLIENTS, to: 'n2' }];
    expect(await lan.network.probe(links)).toEqual([true, true, true, true]);
    await lan.network.setCuts([asks]);
    const before = received();
    expect(await lan.network.probe([asks])).toEqual([false]);
    expect(received()).toEqual(before);
    expect(await lan.network.probe(links)).toEqual([false, true, true, true]);
    await lan.network.setCuts([answers]);
    expect(await lan.network.probe(links)).toEqual([true, false, true, true]);
    await lan.network.setCuts([]);
    expect(await lan.network.probe(links)).toEqual([true, true, true, true]);
  });

  test('of a whole link, one packet arrives for each that is sent, by each way that there is', async () => {
    const [, before = 0] = received();
    expect(await lan.network.probe([there])).toEqual([true]);
    const [, after = 0] = received();
    expect(after - before).toBe(lan.network.hosts('n2').length);
  });

  test('no node ever asks where another is', async () => {
    await lan.network.probe([there, back]);
    const asked = inside('n1', ['cat', '/proc/net/arp']).split('\n').slice(1, -1);
    expect(asked.map((line) => line.split(/\s+/)[2])).toEqual(['0x6', '0x6', '0x6']);
  });

  test('a probe that waits holds up nothing', async () => {
    await lan.network.setCuts([there]);
    const order: string[] = [];
    const probe = lan.network.probe([there]).then((whole) => order.push(`probe ${whole.join()}`));
    await lan.network.setCuts([there, back]).then(() => order.push('cut'));
    await probe;
    expect(order).toEqual(['cut', 'probe false']);
  });

  test('a probe ends as soon as all has arrived, also after a heal', async () => {
    await lan.network.setCuts([there]);
    const probe = lan.network.probe([there, back]);
    await lan.network.setCuts([]);
    expect(await probe).toEqual([true, true]);
  });

  test('overlapping probes each get their own answer', async () => {
    await lan.network.setCuts([there]);
    const links = [[there], [back], [back, there], [{ from: 'n3', to: 'n2' }]];
    const answers = await Promise.all(links.map((each) => lan.network.probe(each)));
    expect(answers).toEqual([[false], [true], [true, false], [true]]);
  });

  test('a node has the address of IPv6 that a cut knows of, and no other that would be a way around it', () => {
    const [, host6] = lan.network.hosts('n1');
    const has = host6 === undefined ? [] : inside('n1', ['cat', '/proc/net/if_inet6']).split('\n');
    const addresses = has.filter((line) => line.endsWith(' eth0')).map((line) => line.slice(0, 12));
    expect(addresses).toEqual(host6 === undefined ? [] : ['fd4c61627279']);
  });

  test('a cut holds for connections and datagrams of IPv6 as of IPv4, in its direction alone, until it is healed', async () => {
    for (const host of lan.network.hosts('n2')) {
      const [, back6 = lan.network.hosts('n1')[0]] = lan.network.hosts('n1');
      expect([await echoes('n1', host), await echoes('n2', back6)]).toEqual(['tcp udp', 'tcp udp']);
      await lan.network.setCuts([there]);
      // Answers take the way back; what is asked does not come through.
      expect(await echoes('n1', host)).toBe('');
      expect(await lan.network.probe([there, back])).toEqual([false, true]);
      await lan.network.setCuts([]);
      expect(await echoes('n1', host)).toBe('tcp udp');
    }
  });

  test('what comes through by IPv6 alone has come through, so that a cut that knows IPv4 alone is no cut', async () => {
    const [host, host6] = lan.network.hosts('n2');
    const nowhere = '01:80:c2:00:00:01';
    await helper.agent.ask('neighbour', 'n1', host, nowhere);
    expect(await lan.network.probe([there])).toEqual([host6 !== undefined]);
    if (host6) await helper.agent.ask('neighbour', 'n1', host6, nowhere);
    expect(await lan.network.probe([there])).toEqual([false]);
    await lan.network.settle('n1');
    expect(await lan.network.probe([there])).toEqual([true]);
  });

  test('what the agent cannot do it refuses, and goes on', async () => {
    const refused = helper.agent.ask('neighbour', 'n9', '10.0.0.1', '02:00:00:00:00:01');
    await expect(refused).rejects.toThrow(AgentRefusal);
    await expect(refused).rejects.toThrow('no namespace n9');
    await expect(helper.agent.ask('dance')).rejects.toThrow('unknown command dance');
    await expect(helper.agent.ask('probe', 0, 4, 'n1', 'n9', '10.0.0.1')).rejects.toThrow('no namespace n9');
    expect(await lan.network.probe([there])).toEqual([true]);
  });

  test('whoever asks an agent that dies is told', async () => {
    const other = await startAgent();
    await other.agent.ask('hold', 'n1');
    await other.agent.ask('hold', 'n2');
    const pending = other.agent.ask('probe', 0, 4, 'n1', 'n2', '10.9.9.9');
    process.kill(other.pid, 'SIGKILL');
    await expect(pending).rejects.toThrow('the network agent is gone: ');
    await expect(other.agent.ask('hold', 'n3')).rejects.toThrow('the network agent is gone: ');
    await other[Symbol.asyncDispose]();
  });
});

/** Packets that have come to each node so far, but for what kernels say of themselves to every neighbour over IPv6. */
function received(): readonly number[] {
  return lan.attached.map(({ name }) => {
    const [head = '', values = ''] = inside(name, ['grep', '^Ip:', '/proc/net/snmp']).split('\n');
    const v4 = Number(values.split(' ')[head.split(' ').indexOf('InReceives')]);
    const six = inside(name, ['cat', '/proc/net/snmp6']);
    const v6 = (what: string): number => Number(new RegExp(`^Ip6${what}\\s+(\\d+)`, 'm').exec(six)?.[1] ?? 0);
    return v4 + v6('InReceives') - v6('InMcastPkts');
  });
}

/** By which protocols a node hears from an address again what it said to it: of somebody who listens there. */
async function echoes(from: string, host: string): Promise<string> {
  const to = lan.attached.find(({ name }) => lan.network.hosts(name).includes(host))?.name ?? '';
  const echo = new URL('fixtures/echo.mjs', import.meta.url).pathname;
  const door = (name: string): string => `--net=${lan.attached.find((one) => one.name === name)?.door}`;
  const server = spawn('nsenter', [door(to), process.execPath, echo, 'serve', host], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [ready] = (await once(server.stdout, 'data')) as [Buffer];
    return execFileSync(
      'nsenter',
      [door(from), process.execPath, echo, 'ask', host, ready.toString().trim()],
      {
        encoding: 'utf8',
      },
    ).trim();
  } finally {
    server.kill('SIGKILL');
  }
}

function inside(name: string, command: readonly string[]): string {
  const door = lan.attached.find((one) => one.name === name)?.door;
  return execFileSync('nsenter', [`--net=${door}`, ...command], { encoding: 'utf8' });
}
