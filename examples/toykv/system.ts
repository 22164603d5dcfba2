import { join } from 'node:path';
import { clientFor, defineSystem, NotApplied } from 'labrys';
import register from 'labrys/workloads/register';

export default defineSystem({
  name: 'toykv',
  about: 'a store that answers before its backups have the write',
  ports: { http: 8080 },
  recipe(self, members) {
    const [primary, ...backups] = members.map((member) => member.address('http'));
    const server = join(import.meta.dirname, 'server.mjs');
    return { command: ['node', server, self.address('http'), primary!, ...backups] };
  },
  async ready(node, { signal }) {
    await fetch(`http://${node.address('http')}/ready`, { signal });
  },
  clients: [
    clientFor(register, ({ node }) => {
      const ask = async (method: string, key: string | number, signal: AbortSignal, body?: object) => {
        const reply = await fetch(`http://${node.address('http')}/${key}`, {
          method,
          signal,
          ...(body && { body: JSON.stringify(body) }),
        });
        if (reply.status === 503) throw new NotApplied('not the primary');
        if (reply.status !== 200 && reply.status !== 409) throw new Error(`answered ${reply.status}`);
        return reply;
      };
      return {
        read: async ({ key, signal }) =>
          ((await (await ask('GET', key, signal)).json()) as { value: number | null }).value,
        write: async ({ key, value, signal }) => void (await ask('PUT', key, signal, { value })),
        cas: async ({ key, value: [from, value], signal }) =>
          (await ask('PATCH', key, signal, { from, value })).ok,
      };
    }),
  ],
});
