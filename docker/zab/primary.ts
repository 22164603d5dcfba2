import type { Objects } from '../kit/objects.ts';
import type { Request, Txn, Zxid } from './messages.ts';

/**
 * What a request comes to, on the state with everything before it: `ahead`, which from now on holds it too. A compare-and-set
 * becomes a write, or nothing, so that whoever delivers it need not compare. This is why Zab keeps the order of a primary:
 * a change makes sense after those that it was worked out on, and after nothing else.
 */
export function changeOf({ command, origin }: Request, zxid: Zxid, ahead: Objects): Txn {
  const result = ahead.apply(command);
  if (command.f !== 'cas') return { zxid, change: command, request: origin };
  const { key, value } = command;
  const swapped = result === true;
  return {
    zxid,
    change: swapped ? { f: 'write', key, value: value[1] } : { f: 'nothing' },
    swapped,
    request: origin,
  };
}
