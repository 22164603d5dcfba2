import { Writer, type Reader } from './jute.ts';
import { Refused, type Session } from './session.ts';

const CREATE = 1;
const DELETE = 2;
const EXISTS = 3;
const GET_DATA = 4;
const SET_DATA = 5;
const GET_CHILDREN = 8;
const SYNC = 9;

/** A node's data with its version, which counts its changes; nothing where there is no node. */
export interface Found {
  readonly data: string;
  readonly version: number;
}

/** How long a node is there, and whether the server puts a number after its name. */
export type NodeKind = 'persistent' | 'ephemeral' | 'sequential' | 'ephemeral sequential';
const FLAGS: Readonly<Record<NodeKind, number>> = {
  persistent: 0,
  ephemeral: 1,
  sequential: 2,
  'ephemeral sequential': 3,
};

/** Answers the path that it was given. */
export function create(
  session: Session,
  path: string,
  data: string,
  kind: NodeKind,
  signal: AbortSignal,
): Promise<string> {
  const everybodyMayAnything = new Writer().int(1).int(31).bytes('world').bytes('anyone');
  const body = new Writer().bytes(path).bytes(data).append(everybodyMayAnything).int(FLAGS[kind]);
  return session.ask(CREATE, body, (answer) => answer.text(), signal);
}

export function getData(session: Session, path: string, signal: AbortSignal): Promise<Found | undefined> {
  return unlessMissing(
    session.ask(
      GET_DATA,
      new Writer().bytes(path).bool(false),
      (answer) => ({ data: answer.text(), version: statOf(answer).version }),
      signal,
    ),
  );
}

/** Where `version` is -1, whatever version it has. Answers the number of the change, which grows with every change of anything. */
export function setData(
  session: Session,
  path: string,
  data: string,
  version: number,
  signal: AbortSignal,
): Promise<bigint> {
  const body = new Writer().bytes(path).bytes(data).int(version);
  return session.ask(SET_DATA, body, (answer) => statOf(answer).changed, signal);
}

/** Whether it was there. */
export async function remove(session: Session, path: string, signal: AbortSignal): Promise<boolean> {
  const asked = session.ask(DELETE, new Writer().bytes(path).int(-1), () => true, signal);
  return (await unlessMissing(asked)) === true;
}

/** Whether it is there; and if it is, its end, or its next change, is given notice of. */
export async function watch(session: Session, path: string, signal: AbortSignal): Promise<boolean> {
  const asked = session.ask(EXISTS, new Writer().bytes(path).bool(true), () => true, signal);
  return (await unlessMissing(asked)) === true;
}

/** None of a node that is not there. */
export async function getChildren(
  session: Session,
  path: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const body = new Writer().bytes(path).bool(false);
  const asked = session.ask(GET_CHILDREN, body, (answer) => answer.list(() => answer.text()), signal);
  return (await unlessMissing(asked)) ?? [];
}

/** Waits until this server has seen all that the leader had when it was asked. */
export function sync(session: Session, signal: AbortSignal): Promise<void> {
  return session.ask(SYNC, new Writer().bytes('/'), () => undefined, signal);
}

/** Of what is told of a node, when it was changed, in changes of everything, and how often. */
function statOf(answer: Reader): { readonly changed: bigint; readonly version: number } {
  answer.long(); // created
  const changed = answer.long();
  answer.long();
  answer.long(); // by the clock
  return { changed, version: answer.int() };
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refused && error.message === 'no node') return undefined;
    throw error;
  }
}
