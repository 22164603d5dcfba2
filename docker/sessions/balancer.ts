import type { Call, Client, ClientBinding, Connection } from '../../harness/client.ts';
import { NotApplied } from '../../harness/client.ts';
import type { Operations } from 'knossos-js';
import workload from '../../workloads/sessions.ts';
import { kitClient } from '../kit/client.ts';
import type { Cookie } from './cookie.ts';

/**
 * A browser behind a load balancer: it sticks to one node for as long as that takes its requests, and goes to the next where it does
 * not; and it keeps its cookie.
 */
export const sessionsClient: ClientBinding = {
  workload: workload.name,
  async open(connection) {
    const { node, nodes } = connection;
    const binding = kitClient(workload);
    const order = [node, ...nodes.filter((other) => other !== node)];
    const clients = await Promise.all(order.map((at) => binding.open({ ...connection, node: at })));
    const jar = jarOf(connection);
    /** What was refused was not done, so that another may be asked. */
    const ask = async (f: 'read' | 'write', call: Call): Promise<unknown> => {
      let refused: unknown;
      for (const client of clients) {
        try {
          return await (client[f] as (call: Call) => Promise<unknown>)(call);
        } catch (error) {
          if (!(error instanceof NotApplied)) throw error;
          refused = error;
        }
      }
      throw refused;
    };
    return {
      read: async (call: Call) => {
        const [value] = (await ask('read', { ...call, value: jar.cookie })) as [unknown];
        return value;
      },
      write: async (call: Call) => {
        const next = (await ask('write', { ...call, value: [call.value, jar.cookie] })) as Cookie | null;
        jar.cookie = next ?? jar.cookie;
      },
      [Symbol.asyncDispose]: async () => {
        for (const client of clients) await client[Symbol.asyncDispose]?.();
      },
    } as Client<Operations>;
  },
};

interface Jar {
  cookie: Cookie | null;
}

/** The browser outlives its connection: a process that connects anew still has its cookie. */
const jars = new WeakMap<Connection['node'], Map<number, Jar>>();

function jarOf({ nodes, process }: Connection): Jar {
  const [first] = nodes as [Connection['node']];
  const all = jars.get(first) ?? new Map<number, Jar>();
  jars.set(first, all);
  const jar = all.get(process) ?? { cookie: null };
  all.set(process, jar);
  return jar;
}
