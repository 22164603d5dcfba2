import { existsSync } from 'node:fs';
import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { LIBRARY } from '../zookeeper/system.ts';
import { locksConformance } from './conformance.ts';

const missing = (...programs: readonly string[]): string => {
  const absent = programs.filter((program) => !commandPath(program) && !existsSync(program));
  return absent.length === 0 ? '' : ` (skipped: there is no ${absent.join(', and no ')})`;
};

locksConformance(localRuntime, 'unique-index', {});
locksConformance(localRuntime, 'setnx', { unless: missing('redis-server') });
locksConformance(localRuntime, 'redlock', { unless: missing('redis-server'), size: 5 });
locksConformance(localRuntime, 'zookeeper', { unless: missing('java', LIBRARY) });
locksConformance(localRuntime, 'etcd', { unless: missing('etcd') });
