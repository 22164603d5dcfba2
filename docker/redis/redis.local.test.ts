import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { redisConformance } from './conformance.ts';

redisConformance(
  localRuntime,
  commandPath('redis-server') ? '' : ' (skipped: there is no redis-server on the PATH)',
);
