import type { Evidence } from '../harness/fault.ts';

/** A heal that may be called any number of times, also while it runs: it acts once, and again only if it failed. */
export function once(heal: () => Promise<Evidence>): () => Promise<Evidence> {
  let healed: Promise<Evidence> | undefined;
  return () => {
    healed ??= heal().catch((error: unknown) => {
      healed = undefined;
      throw error;
    });
    return healed;
  };
}

/** The injection of a fault that found nothing to do. */
export function nothing(because: string): {
  readonly what: string;
  readonly nodes: readonly string[];
  readonly evidence: Evidence;
  heal(): Promise<void>;
} {
  return { what: 'nothing', nodes: [], evidence: { outcome: 'skipped', because }, heal: async () => {} };
}
