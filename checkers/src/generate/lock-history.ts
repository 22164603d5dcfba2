import type { History, Operations } from '../history.ts';
import { FALSE, NOTHING, TRUE } from '../table/values.ts';
import { clientHistory, type ClientLoad } from './clients.ts';

/** What kind of load to make up. */
export interface LockLoad extends ClientLoad {
  /** Whether only its holder can release it, who gets a token with it. */
  readonly owned: boolean;
}

/**
 * A history of one lock, as a correct one could have left it. Who holds it releases it, everyone else tries to acquire it, and is
 * refused mostly. Of a lock that is not owned, everybody tries whatever occurs to him.
 */
export function lockHistory<Ops extends Operations>(load: LockLoad): History<Ops> {
  const { owned } = load;
  let holder: number | undefined;
  let token = 0;
  return clientHistory(load, (_number, process, fraction) => {
    const releases = owned ? holder === process : fraction() < 0.5;
    return {
      f: releases ? 'release' : 'acquire',
      input: NOTHING,
      effect() {
        if (releases) {
          if (holder === undefined) return FALSE;
          holder = undefined;
          return TRUE;
        }
        if (holder !== undefined) return FALSE;
        holder = process;
        return owned ? ++token : TRUE;
      },
    };
  });
}
