import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { redisClusterConformance } from './conformance.ts';

redisClusterConformance(
  localRuntime,
  commandPath('redis-server') ? '' : ' (skipped: there is no redis-server on the PATH)',
  { thorough: true },
);
