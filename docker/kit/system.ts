import { fileURLToPath } from 'node:url';
import type { ClientBinding } from '../../harness/client.ts';
import type { Node } from '../../harness/runtime.ts';
import type {
  Context,
  Leader,
  Membership,
  Roles,
  Settings,
  System,
  SystemOption,
} from '../../harness/system.ts';
import { deadline } from '../../harness/time.ts';
import { mailOf, statusOf } from './client.ts';
import { bundleFor, imageFor } from './image.ts';
import type { MakeNode, Messages, Protocol, ProtocolSettings } from './kit.ts';
import { FAILPOINTS, HOOK } from './real/failpoint.ts';
import type { Place } from './real/serve.ts';
import { simulate } from './sim/runtime.ts';

export { kitClient } from './client.ts';

/** A protocol on the kit, for people and for the harness. */
export interface KitSystem<M extends Messages, Ops extends Messages> {
  readonly name: string;
  readonly about?: string;
  /** Where the protocol is: `new URL('./raft.ts', import.meta.url)`. Its default export makes nodes. */
  readonly module: URL;
  /** The same default export. Nodes under virtual time live in this process. */
  readonly protocol: Protocol<M, Ops>;
  /** How many nodes, unless the command line says otherwise. Default 3. */
  readonly size?: number;
  /** Operations go through a leader: the run begins when there is one. */
  readonly led?: boolean;
  /** For faults to aim at, beside the leader: what each is called, and the role that its node reports. */
  readonly roles?: Readonly<Record<string, string>>;
  /** How its members change, where they do. */
  readonly membership?: Membership;
  readonly clients: readonly ClientBinding[];
  readonly options?: Readonly<Record<string, SystemOption>>;
  readonly bugs?: Readonly<Record<string, string>>;
}

/** How long a node may take to say what it is, before it counts as one that does not answer. */
const STATUS_MS = 500;
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Everything that the harness asks of a system, for a protocol that was written on the kit. */
export function kitSystem<M extends Messages, Ops extends Messages>(kit: KitSystem<M, Ops>): System {
  const module = fileURLToPath(kit.module);
  // The messages are the protocol's own: nobody else makes them or reads them.
  const protocol = kit.protocol as unknown as Protocol;
  const make = (settings: Settings): MakeNode<Messages, Messages> =>
    protocol({ options: settings.options, bug: settings.bug });
  const system: System = {
    name: kit.name,
    ...(kit.about === undefined ? {} : { about: kit.about }),
    size: kit.size ?? 3,
    ports: { client: 7001, peer: 7000 },
    options: kit.options ?? {},
    bugs: kit.bugs ?? {},
    clients: kit.clients,

    recipe(self, members, settings) {
      const place: Place & ProtocolSettings = {
        id: self.name,
        members: Object.fromEntries(members.map((member) => [member.name, member.address('peer')])),
        client: self.address('client'),
        folder: self.data,
        options: settings.options,
        bug: settings.bug,
      };
      const json = JSON.stringify(place);
      if (settings.runtime === 'ssh') {
        const { command, files } = bundleFor(module);
        return { command: [...command.map((word) => `${self.brought}/${word}`), json], bring: files };
      }
      if (settings.runtime !== 'docker') return { command: [process.execPath, MAIN, module, json] };
      const { command, image, build } = imageFor(kit.name, module);
      return { command: [...command, json], image, build };
    },

    async ready(node, { time, signal }) {
      using patience = deadline(time, STATUS_MS, signal);
      await statusOf(node, patience.signal);
    },

    // Objects under virtual time have no mail to ask for: their world writes it down.
    mail: (node, cursor, { signal }) => mailOf(node, cursor, signal),
    failpoints: {
      names: FAILPOINTS,
      arm: async (node, name) => {
        if (node.write === undefined) throw new Error(`no file can be written into ${node.name}`);
        await node.write({ [HOOK]: name });
      },
    },

    simulation: (seed, settings) => simulate(seed, make(settings)),
    ...(kit.roles && { roles: rolesAs(kit.roles) }),
    ...(kit.membership && { membership: kit.membership }),
  };
  return kit.led ? { ...system, leaders: leadersAmong, setup: untilLed } : system;
}

function rolesAs(reported: Readonly<Record<string, string>>): Roles {
  return {
    names: Object.keys(reported),
    async of(node, { time, signal }) {
      using patience = deadline(time, STATUS_MS, signal);
      const { role } = await statusOf(node, patience.signal);
      return Object.keys(reported).find((name) => reported[name] === role);
    },
  };
}

/** Every node that says that it leads. */
async function leadersAmong(nodes: readonly Node[], { time, signal }: Context): Promise<readonly Leader[]> {
  using patience = deadline(time, STATUS_MS, signal);
  const statuses = await Promise.allSettled(
    nodes.map(async (node) => ({ node: node.name, ...(await statusOf(node, patience.signal)) })),
  );
  return statuses
    .filter((it) => it.status === 'fulfilled')
    .filter(({ value }) => value.role === 'leader')
    .map(({ value: { node, term } }): Leader => (term === undefined ? { node } : { node, term }));
}

async function untilLed(nodes: readonly Node[], context: Context): Promise<void> {
  while ((await leadersAmong(nodes, context)).length === 0) await context.time.sleep(20, context.signal);
}
