import { openJournal } from '../journal.ts';
import type { Host, MakeNode, Messages, Status } from '../kit.ts';
import { listenForClients } from './clients.ts';
import { placeOf } from './frames.ts';
import { openJournalFile } from './journal-file.ts';
import { Mail } from './mail.ts';
import { listenForCalls, listenForCasts, type Inbox } from './peers.ts';
import { openStream, type Stream } from './stream.ts';

/** Where one node lives. */
export interface Place {
  readonly id: string;
  /** `host:port` of every node's peer port, TCP and UDP alike, this one's too. */
  readonly members: Readonly<Record<string, string>>;
  /** `host:port` for clients. */
  readonly client: string;
  readonly folder: string;
}

const CALL_MS = 1_000;

/** Run one node as this process: TCP and UDP to its peers, HTTP for clients, one journal file, JSON lines on stdout. */
export async function serve(place: Place, make: MakeNode<Messages, Messages>): Promise<void> {
  const { id, members } = place;
  let status: Status | undefined;
  const say = (line: object): void => {
    const { role, term } = status ?? {};
    process.stdout.write(
      `${JSON.stringify({ time: new Date().toISOString(), node: id, role, term, ...line })}\n`,
    );
  };
  const mistake = (error: unknown): void => {
    process.stderr.write(
      `${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  };
  const addressOf = (member: string): string => {
    const address = members[member];
    if (address === undefined) throw new Error(`${id} knows no member ${member}`);
    return address;
  };

  const backing = await openJournalFile(place.folder);
  const journal = openJournal(backing);
  const mail = new Mail();
  const streams = new Map<string, Stream>();
  const began = performance.now();
  const peers = Object.keys(members).filter((member) => member !== id);
  const host: Host = {
    id,
    peers,
    random: { fraction: Math.random, below: (limit) => Math.floor(Math.random() * limit) },
    clock: {
      wall: () => Date.now(),
      monotonic: () => performance.now() - began,
      after: (ms, then) => {
        const timer = setTimeout(then, ms);
        return { cancel: () => clearTimeout(timer) };
      },
      sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
    },
    // After a sync that failed nobody knows what is on the disk: the one honest thing left is to stop.
    disk: {
      ...journal,
      sync: () =>
        journal.sync().catch((error: unknown) => {
          mistake(error);
          process.exit(74);
        }),
    },
    cast: (to, name, body) => {
      const { host: there, port } = placeOf(addressOf(to));
      const number = mail.next();
      mail.note('sent', number, to, name, body);
      datagrams.send(JSON.stringify([id, name, body ?? null, number]), port, there, () => {});
    },
    call: (to, name, body, withinMs = CALL_MS) => {
      let stream = streams.get(to);
      if (!stream) {
        const opened = openStream(id, { id: to, address: addressOf(to) }, mail, () => {
          if (streams.get(to) === opened) streams.delete(to);
        });
        streams.set(to, (stream = opened));
      }
      // `peer` methods and their callers are compiled against the same messages.
      return stream.call(name, body, withinMs) as Promise<never>;
    },
    report: (now) => {
      status = now;
      say({ ...now });
    },
    log: (text) => say({ log: text }),
  };

  const node = make(host);
  const started = Promise.withResolvers<void>();
  const inbox: Inbox = { node, peers, mail, mistake, started: started.promise };
  // It may send before it listens: the socket is there from the beginning.
  const datagrams = await listenForCasts(addressOf(id), inbox);
  await node.start();
  started.resolve();
  await listenForCalls(addressOf(id), inbox);
  await listenForClients(place.client, { id, node, mail, status: () => status, mistake });
  say({ log: `ready, ${backing.records.length} records survived` });
}
