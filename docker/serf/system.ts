import { clientFor, deadline, defineSystem } from '../../harness/index.ts';
import membership from '../../workloads/membership.ts';
import { aliveAccordingTo } from './rpc.ts';

/** One question to one node. A node that is paused or cut off must not hold up the others. */
const PATIENCE_MS = 1_000;
const base = 'debian:bookworm-slim';

export default defineSystem({
  name: 'serf',
  about: 'Serf from Debian’s packages: membership by SWIM, as HashiCorp’s memberlist does it',
  size: 5,
  ports: { gossip: 7946, rpc: 7373 },
  options: {
    profile: {
      about: 'how soon a silence counts: lan, Serf’s default; local is quicker, wan slower',
      default: 'lan',
      choices: ['local', 'lan', 'wan'],
    },
  },
  recipe: (self, members, { options }) => ({
    command: ['serf', 'agent', '-config-file', `${self.data}/serf.json`],
    files: {
      'serf.json': JSON.stringify({
        node_name: self.name,
        bind: self.address('gossip'),
        rpc_addr: self.address('rpc'),
        profile: options['profile'] ?? 'lan',
        retry_join: members.filter((member) => member !== self).map((member) => member.address('gossip')),
        retry_interval: '1s',
        // Two halves that took each other for dead look for each other every 30 s, unless told otherwise.
        reconnect_interval: '2s',
        disable_coordinates: true,
      }),
    },
    image: 'labrys-serf:bookworm',
    build: { context: import.meta.dirname, args: { BASE: base }, bases: [base] },
  }),
  async ready(node, { time, signal }) {
    using limit = deadline(time, PATIENCE_MS, signal);
    await aliveAccordingTo(node.address('rpc'), limit.signal);
  },
  async setup(nodes, { time, signal }) {
    for (const node of nodes)
      while ((await aliveAccordingTo(node.address('rpc'), signal)).length < nodes.length)
        await time.sleep(50, signal);
  },
  clients: [
    clientFor(membership, ({ node, time }) => {
      const alive = ({ signal }: { readonly signal: AbortSignal }): Promise<readonly string[]> =>
        aliveAccordingTo(node.address('rpc'), signal);
      return {
        members: alive,
        settled: alive,
        // An agent has no way to fall silent and live; one that is paused is silent, and finds out later that it was missed.
        async silence({ value }) {
          await node.pause();
          time.after(value, () => void node.resume().catch(() => undefined));
        },
      };
    }),
  ],
});
