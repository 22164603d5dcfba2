import { insideNamespace } from './namespace.ts';

/** Whether tests of the local runtime can run here, and what their titles say where they cannot. */
export const unlessInside = insideNamespace()
  ? { here: true, because: '' }
  : { here: false, because: ' (skipped: not in namespaces; `npm test` enters them where it can)' };
