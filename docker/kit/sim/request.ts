import { Unreachable } from '../kit.ts';
import type { Messages, Node } from '../kit.ts';
import type { Machine } from './machine.ts';

/** A question that reached a machine: ask its node when it has started and is awake, unless it dies first. */
export function request(
  machine: Machine,
  ask: (node: Node<Messages, Messages>) => unknown,
  answered: (output: unknown) => void,
  failed: (error: Error) => void,
): void {
  const { node, life, id } = machine;
  if (!node) return failed(new ConnectionRefused(`${id} refused the connection`));
  const stopWaiting = machine.onDeath(() => failed(new Unreachable(`${id} died`)));
  const settle = (how: () => void): void => {
    if (machine.life !== life) return;
    stopWaiting();
    how();
  };
  machine.whenListening(() => {
    machine
      .run(() => ask(node))
      .then(
        (output) => settle(() => answered(JSON.parse(JSON.stringify(output ?? null)))),
        (error: Error) => settle(() => failed(error)),
      );
  });
}

/** Nobody listens there, so that the question was not even read. */
export class ConnectionRefused extends Unreachable {}
