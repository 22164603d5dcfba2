import { connect } from 'node:net';
import {
  type Context,
  deadline,
  defineSystem,
  type Leader,
  type Member,
  type Node,
} from '../../harness/index.ts';
import { clients, FOLDERS } from './clients.ts';
import { Session } from './session.ts';
import { create } from './requests.ts';

/** One question to one node. A node that is paused or cut off must not hold up the others. */
const PATIENCE_MS = 1_000;

/** What Debian's `libzookeeper-java` and what it depends on put on a machine. Its package `zookeeper` only adds scripts to it. */
const JARS = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-simple',
  'netty-all',
  'snappy-java',
  'metrics-core',
]
  .map((jar) => `/usr/share/java/${jar}.jar`)
  .join(':');

/** Where the first of them is. */
export const LIBRARY = JARS.split(':')[0] as string;

export default defineSystem({
  name: 'zookeeper',
  about: 'ZooKeeper from Debian’s packages: writes in one order, reads from whatever server is asked',
  readySeconds: 60,
  ports: { client: 2181, peer: 2888, election: 3888 },
  options: {
    reads: {
      about: 'sync: the server first catches up with the leader; local: it answers from what it has',
      default: 'sync',
      choices: ['sync', 'local'],
    },
  },
  recipe: (self, members) => ({
    command: [
      'java',
      '-Xmx192m',
      // Half the time to start, on a machine with two cores.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Dorg.slf4j.simpleLogger.logFile=System.out',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
      '-cp',
      JARS,
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      `${self.data}/zoo.cfg`,
    ],
    files: {
      'zoo.cfg': configOf(self, members),
      myid: `${self.number}`,
    },
    image: 'labrys-zookeeper:bookworm',
    build: {
      context: import.meta.dirname,
      args: { BASE: 'debian:bookworm-slim' },
      bases: ['debian:bookworm-slim'],
    },
  }),
  /** A server without a majority takes no sessions. */
  async ready(node) {
    (await Session.open(node.address('client'), 4000)).close();
  },
  /** The folders that nodes of ours are made in. */
  async setup([node], { signal }) {
    const session = await Session.open((node as Node).address('client'), 4000);
    for (const path of FOLDERS) await create(session, path, '', 'persistent', signal);
    session.close();
  },
  async leaders(nodes, context) {
    const found = await Promise.all(nodes.map((node) => leaderAt(node, context).catch(() => undefined)));
    return found.filter((leader) => leader !== undefined);
  },
  clients,
});

/** A tick is a quarter of its default: a server that is cut off from the leader knows after 2 s, and its clients after 4. */
function configOf(self: Member, members: readonly Member[]): string {
  const [host, port] = self.address('client').split(':');
  const servers = members.map(
    (member) =>
      `server.${member.number}=${member.address('peer')}:${member.address('election').split(':').at(-1)}\n`,
  );
  return `tickTime=500
initLimit=20
syncLimit=4
dataDir=${self.data}
clientPortAddress=${host}
clientPort=${port}
maxClientCnxns=0
4lw.commands.whitelist=srvr
admin.enableServer=false
${servers.join('')}`;
}

/** Its mode, and the number of its last change, of which the upper half is the leader's epoch. */
async function leaderAt(node: Node, context: Context): Promise<Leader | undefined> {
  using limit = deadline(context.time, PATIENCE_MS, context.signal);
  const said = await statusOf(node.address('client'), limit.signal);
  if (!said.includes('Mode: leader')) return undefined;
  const zxid = /Zxid: 0x([0-9a-f]+)/.exec(said)?.[1];
  return zxid === undefined
    ? { node: node.name }
    : { node: node.name, term: Number(BigInt(`0x${zxid}`) >> 32n) };
}

/** Four letters, to which a server says what it is, and hangs up. */
function statusOf(address: string, signal: AbortSignal): Promise<string> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), signal }, () => socket.write('srvr'));
    let said = '';
    socket.on('data', (piece) => (said += String(piece)));
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}
