import type { RuntimeName } from './runtime.ts';

/** What one run asks of a system. */
export interface Settings {
  readonly options: Readonly<Record<string, string>>;
  readonly bug: string | undefined;
  readonly runtime: RuntimeName;
}
