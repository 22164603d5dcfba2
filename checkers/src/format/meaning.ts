/**
 * # Two traps of meaning
 *
 * Recorded histories agree on how an operation is written down, and not on what two things mean:
 *
 * - A compare-and-set that ended in `fail`. Porcupine's etcd logs say by it that the store answered "no: the value is
 *   another", which is evidence. For Jepsen and Knossos it did not happen, whatever the reason, and says nothing.
 * - A read that returned nil. It may have found the register as it was in the beginning, never written to; or, in
 *   Knossos' models, the client learned nothing, and any value fits.
 *
 * Taking one for the other invents violations, or hides them. Each format has a default, which can be overridden.
 */
export interface Meaning {
  readonly failedCas: 'refused' | 'did not happen';
  readonly nilRead: 'initial value' | 'nothing known';
}

export const MEANINGS: {
  readonly [format in 'edn' | 'jepsen-json' | 'jepsen-log' | 'porcupine-kv' | 'neutral' | 'jsonl']: Meaning;
} = {
  /** Ours: a refused compare-and-set is `ok` with `false`, so a failed one did not happen. */
  jsonl: { failedCas: 'did not happen', nilRead: 'initial value' },
  edn: { failedCas: 'did not happen', nilRead: 'nothing known' },
  'jepsen-json': { failedCas: 'did not happen', nilRead: 'nothing known' },
  'jepsen-log': { failedCas: 'refused', nilRead: 'initial value' },
  'porcupine-kv': { failedCas: 'did not happen', nilRead: 'initial value' },
  neutral: { failedCas: 'did not happen', nilRead: 'initial value' },
};
