import { connect } from 'node:net';
import { NotApplied } from '../../harness/index.ts';

/** An agent that is paused has a kernel that accepts. */
const CONNECT_MS = 500;

/** Whom an agent takes for alive, by the agent's own protocol: a header and a body in MessagePack, for each question and each answer. */
export async function aliveAccordingTo(address: string, signal: AbortSignal): Promise<readonly string[]> {
  const { encode, decodeMultiStream } = await import('@msgpack/msgpack');
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port), signal });
  const giveUp = setTimeout(() => socket.destroy(new Error(`no connection in ${CONNECT_MS} ms`)), CONNECT_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) => reject(new NotApplied(cause.message, { cause })));
    });
    clearTimeout(giveUp);
    for (const part of [
      { Command: 'handshake', Seq: 0 },
      { Version: 1 },
      { Command: 'members-filtered', Seq: 1 },
      { Tags: {}, Status: 'alive', Name: '' },
    ])
      socket.write(encode(part));
    const answers = decodeMultiStream(socket);
    const next = async (): Promise<unknown> => (await answers.next()).value;
    refuseErrors(await next());
    refuseErrors(await next());
    return namesIn(await next());
  } finally {
    clearTimeout(giveUp);
    socket.destroy();
  }
}

function refuseErrors(header: unknown): void {
  const { Error: error } = (header ?? {}) as { readonly Error?: string };
  if (error !== '') throw new Error(`Serf answered: ${error ?? 'nothing'}`);
}

function namesIn(body: unknown): readonly string[] {
  const { Members } = (body ?? {}) as { readonly Members?: readonly { readonly Name: string }[] };
  if (!Array.isArray(Members)) throw new Error('Serf answered without members');
  return (Members as readonly { readonly Name: string }[]).map(({ Name }) => Name);
}
