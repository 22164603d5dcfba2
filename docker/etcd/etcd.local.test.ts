import { commandPath } from '../../harness/provision/command-path.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import { etcdConformance } from './conformance.ts';

etcdConformance(localRuntime, commandPath('etcd') ? '' : ' (skipped: there is no etcd on the PATH)');
