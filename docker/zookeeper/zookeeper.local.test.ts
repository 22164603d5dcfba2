import { existsSync } from 'node:fs';
import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { zookeeperConformance } from './conformance.ts';
import { LIBRARY } from './system.ts';

zookeeperConformance(
  localRuntime,
  commandPath('java') && existsSync(LIBRARY)
    ? ''
    : ' (skipped: there is no java on the PATH, or no libzookeeper-java)',
  { thorough: true },
);
