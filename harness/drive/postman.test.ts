import { appendFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BentClock } from '../bent-clock.ts';
import type { Skew } from '../clock.ts';
import { seeded } from '../random.ts';
import { openMailLog, type MailRound } from '../record/mail-log.ts';
import { messagesIn, type Message } from '../report/mail.ts';
import { readMessages } from '../report/messages.ts';
import { defineSystem, type MailEvent } from '../system.ts';
import type { Time } from '../time.ts';
import { registerWorld } from './fixture/register-world.ts';
import { virtualTime } from './fixture/virtual-time.ts';
import { collectMail } from './postman.ts';

const names = ['n1', 'n2', 'n3'];

/** Nodes that send each other something all the time, stamped by clocks of their own; what truly happened is known as well. */
function chatter(time: Time, skews: Readonly<Record<string, Skew>>) {
  const random = seeded(7).fork('chatter');
  const clocks = new Map(names.map((name, i) => [name, { bent: new BentClock(), boot: i * 3.6e15 }]));
  const noted = new Map<string, MailEvent[]>(names.map((name) => [name, []]));
  const truth: Message[] = [];
  const read = (name: string): number => {
    const { bent, boot } = clocks.get(name) ?? expect.unreachable();
    return boot + bent.shown(time.now() / 1e6) * 1e6;
  };
  for (const [name, skew] of Object.entries(skews))
    time.after(1000, () => clocks.get(name)?.bent.skew(skew, time.now() / 1e6));
  for (let i = 0; i < 400; i++)
    time.after(i * 5, () => {
      const [from, to] = [names[i % 3] as string, names[(i + 1 + (i % 2)) % 3] as string];
      const sent = time.now();
      noted.get(from)?.push(['sent', i, to, 'ping', null, read(from)]);
      if (random.fraction() < 0.2) return void truth.push({ from, to, name: 'ping', sent });
      time.after(1 + random.fraction() * 5, () => {
        noted.get(to)?.push(['arrived', i, from, 'ping', null, read(to)]);
        truth.push({ from, to, name: 'ping', sent, arrived: time.now() });
      });
    });
  const system = defineSystem({
    ...registerWorld(time, names, 1).system,
    mail: async ({ name }, cursor) => {
      await time.sleep(0.2 + random.fraction());
      const at = read(name);
      const all = noted.get(name) ?? [];
      const [events, next] = [all.slice(Number(cursor)), String(all.length)];
      await time.sleep(0.2 + random.fraction());
      return { at, next, events };
    },
  });
  return { system, truth };
}

async function collected(skews: Readonly<Record<string, Skew>>) {
  const time = virtualTime();
  const { system, truth } = chatter(time, skews);
  const rounds: MailRound[] = [];
  const mailLog = { write: (round: MailRound) => void rounds.push(round), [Symbol.dispose]: () => {} };
  const { cluster } = registerWorld(time, names, 1);
  await time.run(async () => {
    const over = new AbortController();
    time.after(2500, () => over.abort());
    await collectMail(
      {
        system,
        settings: { options: {}, bug: undefined, runtime: 'local' },
        time,
        nodes: cluster.nodes,
        mailLog,
      },
      over.signal,
    );
  });
  const found = messagesIn(rounds).toSorted((a, b) => a.sent - b.sent);
  return { found, truth: truth.toSorted((a, b) => a.sent - b.sent) };
}

/** How far moments are from what they truly were, in milliseconds. */
const errors = (found: readonly Message[], truth: readonly Message[]) =>
  found.flatMap(({ sent, arrived = NaN }, i) => {
    const { sent: sentAt = NaN, arrived: arrivedAt = NaN } = truth[i] ?? {};
    return [Math.abs(sent - sentAt) / 1e6, Math.abs(arrived - arrivedAt) / 1e6].filter(
      (ms) => !Number.isNaN(ms),
    );
  });

test('messages of nodes whose clocks know nothing of each other are put on ours, to less than a round trip', async () => {
  const { found, truth } = await collected({});
  expect(found.length).toBe(400);
  expect(found.filter(({ arrived }) => arrived === undefined).length).toBe(
    truth.filter(({ arrived }) => arrived === undefined).length,
  );
  expect(Math.max(...errors(found, truth))).toBeLessThan(1);
});

test('a clock that jumps or runs wrong is followed: only around the jump are moments uncertain, by a round', async () => {
  const { found, truth } = await collected({ n1: { aheadMs: 3000 }, n2: { rate: 1.2 } });
  expect(found.length).toBe(400);
  const byTime = new Map(truth.map((message) => [`${message.from} ${message.to}`, message]));
  expect(byTime.size).toBe(6);
  const key = ({ from, to }: Message) => `${from} ${to}`;
  for (const pair of byTime.keys()) {
    const [ours, theirs] = [found, truth].map((all) => all.filter((message) => key(message) === pair)) as [
      Message[],
      Message[],
    ];
    const settled = (of: readonly Message[]) => of.filter(({ sent }) => sent < 0.7e9 || sent > 1.4e9);
    expect(Math.max(...errors(settled(ours), settled(theirs)))).toBeLessThan(3);
    expect(Math.max(...errors(ours, theirs))).toBeLessThan(300);
  }
});

test('what nodes told is put together again, an answer with what it answers; what is no message is passed over', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'labrys-mail-'));
  const round = { asked: 5, answered: 7, at: 1006, shared: -1000 };
  {
    using log = openMailLog(folder.path);
    log.write({
      ...round,
      node: 'n1',
      events: [
        ['arrived', 1, 'n2', 'ask', 3, 1030],
        ['answered', 1, 'n2', 'ask', null, 1035],
      ],
    });
    log.write({ ...round, node: 'n1', events: [['arrived', 1, 'n2', 'ask', 3, 1050]] });
    log.write({
      ...round,
      node: 'n1',
      events: [
        ['sent', 1, 'n2', 'tell', null, 1010],
        ['sent', 2, 'n9', 'tell', null, 1010],
      ],
    });
    log.write({
      ...round,
      node: 'n2',
      events: [
        ['sent', 1, 'n1', 'ask', 3, 1020],
        ['returned', 1, 'n1', 'ask', null, 1040],
      ],
    });
  }
  await appendFile(join(folder.path, 'mail.jsonl'), 'null\n7\n{"node":"n1","events":[]}\n{"torn');
  await writeFile(
    join(folder.path, 'messages.jsonl'),
    '{"from":"a","to":"b","name":"c","sent":1}\n{"sent":"x"}\n',
  );
  expect(await readMessages(folder.path)).toEqual([
    { from: 'a', to: 'b', name: 'c', sent: 1 },
    { from: 'n1', to: 'n2', name: 'tell', sent: 10 },
    { from: 'n2', to: 'n1', name: 'ask', term: 3, sent: 20, arrived: 30 },
    { from: 'n1', to: 'n2', name: 'ask reply', sent: 35, arrived: 40 },
  ]);
});

test('a page is spared what a node says that is no event', () => {
  const bad = [
    null,
    7,
    [],
    ['sent', 'x', 'n2', 'a', null, 1],
    ['sent', 1, 2, 'a', null, 1],
    ['sent', 1, 'n2', {}, null, 1],
    ['sent', 1, 'n2', 'a', 'x', 1],
    ['sent', 1, 'n2', 'a', null, 'x'],
  ];
  const round = { node: 'n1', asked: 0, answered: 1, at: 1, shared: 0, events: bad };
  expect(messagesIn([round, { ...round, node: 'n2' }, { ...round, at: null }])).toEqual([]);
});
