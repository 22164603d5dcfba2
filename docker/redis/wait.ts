import type { Settings } from '../../harness/index.ts';
import type { RedisConnection } from './connection.ts';

/** How long replicas may take to confirm. */
const WAIT_MS = 1000;

/**
 * `WAIT`, for as many replicas as the option says. The write is there already and stays, whatever comes of this: a
 * failure leaves open what becomes of it.
 */
export async function confirmed(
  connection: RedisConnection,
  { options }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const enough = Number(options['wait'] ?? 0);
  if (enough === 0) return;
  const replicas = await connection
    .ask(['WAIT', `${enough}`, `${WAIT_MS}`], signal)
    .catch((cause: unknown) => {
      throw new Error(`WAIT after a write: ${String(cause)}`, { cause });
    });
  if (Number(replicas) < enough)
    throw new Error(`${String(replicas)} of ${enough} replicas confirmed a write`);
}
