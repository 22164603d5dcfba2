import { configureGlobal, readConfigureGlobal } from 'fast-check';

/**
 * `FC_SEED=n` makes every property test draw the same cases again; without it each run draws others. CI takes the seed from the
 * commit, so that what has passed passes again, and each commit tries new cases.
 */
const seed = process.env['FC_SEED'];
if (seed !== undefined) configureGlobal({ ...readConfigureGlobal(), seed: Number(seed) });
