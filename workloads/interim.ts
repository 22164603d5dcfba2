import type { Checker, Verdict } from 'knossos-js';

/** Stands in until the checker of knossos-js is there. */
type SetOps = {
  add: { in: number; out: void };
  read: { in: void; out: readonly number[] };
};

export function setFull(): Checker<SetOps> {
  return {
    name: 'set-full',
    check(history): Verdict {
      const anomalies = [];
      const facts = { operations: history.length };
      for (const [key, one] of history.byKey()) {
        const adds = [...one].filter((op) => op.f === 'add' && op.outcome === 'ok');
        for (const read of one) {
          if (read.f !== 'read' || read.outcome !== 'ok') continue;
          const there = new Set(read.output as readonly number[]);
          const missing = adds.find((op) => op.return < read.call && !there.has(op.input as number));
          if (missing)
            anomalies.push({
              kind: 'lost',
              key,
              operations: [one.origin?.[missing.id] as number, one.origin?.[read.id] as number],
              explanation: `${String(missing.input)} is missing`,
            });
        }
      }
      return { checker: 'set-full', valid: anomalies.length === 0, anomalies, facts };
    },
  };
}
