import type { Key } from '../kit/kit.ts';
import type { Clock, Content, Copy } from './copy.ts';

/** What a coordinator asks the replicas of a key. */
export type QuorumMessages = {
  get: { in: Key; out: Copy };
  /** Keep this, unless you have something newer. Answered once it is on the disk. `instead` of whom, in a sloppy quorum. */
  put: { in: { readonly key: Key; readonly copy: Copy; readonly instead?: string | undefined }; out: void };
  /** With vector clocks: make a version of this that replaces what its writer had seen, and keep it. */
  stamp: {
    in: {
      readonly key: Key;
      readonly content: Content;
      readonly seen: Clock;
      readonly instead?: string | undefined;
    };
    out: Copy;
  };
};
