import { UsageError } from '../errors.ts';
import type { CheckOptions } from './commands/check.ts';

export async function checkFile(path: string, _options: CheckOptions): Promise<number> {
  throw new UsageError(`${path}: histories from elsewhere cannot be judged yet`);
}
