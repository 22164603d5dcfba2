import type { History } from '../history.ts';
import type { KvOps } from '../models/kv.ts';
import { NOTHING } from '../table/values.ts';
import { clientHistory, type ClientLoad } from './clients.ts';

/** What kind of load to make up. */
export interface GrowingLoad extends ClientLoad {
  readonly keys?: number;
  /** The share of operations that replace a text; half of the others read it, half append to it. */
  readonly puts?: number;
  /** How many gets in the last tenth return what had been replaced well before they were called. */
  readonly stale?: number;
}

/** So many operations of each client take effect before a text that was replaced counts as stale. */
const STALE = 10;

/** A history of texts that are appended to, as a correct store could have left it. Nothing is written twice: `x 3 17 y`, by client and turn. */
export function growingHistory(load: GrowingLoad): History<KvOps> {
  const { operations, clients, keys = 1, puts = 0.1 } = load;
  let stale = load.stale ?? 0;
  const now = Array.from({ length: keys }, () => '');
  const replaced: { readonly key: number; readonly text: string; readonly at: number }[] = [];
  let effects = 0;
  const set = (key: number, text: string): number => {
    if (stale > 0) replaced.push({ key, text: now[key] as string, at: effects });
    now[key] = text;
    return NOTHING;
  };
  return clientHistory<KvOps>(load, (number, process, fraction, { encoder }) => {
    const key = Math.floor(fraction() * keys);
    const draw = fraction();
    const text = `x ${process} ${number} y`;
    const input = draw < puts || draw >= (1 + puts) / 2 ? encoder.encode(text) : NOTHING;
    const effect = (work: () => number) => () => (effects++, work());
    if (draw < puts) return { f: 'put', key, input, effect: effect(() => set(key, text)) };
    if (input !== NOTHING)
      return { f: 'append', key, input, effect: effect(() => set(key, `${now[key]}${text}`)) };
    return {
      f: 'get',
      key,
      input,
      effect: effect(() => {
        const old =
          stale > 0 && number > 0.9 * operations
            ? replaced.findLast((one) => one.key === key && one.at < effects - STALE * clients)
            : undefined;
        if (old) stale--;
        return encoder.encode(old ? old.text : now[key]);
      }),
    };
  });
}
