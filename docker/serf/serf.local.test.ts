import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { serfConformance } from './conformance.ts';

serfConformance(localRuntime, commandPath('serf') ? '' : ' (skipped: there is no serf on the PATH)');
