import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './primary-backup.ts';

export default kitSystem({
  name: 'primary-backup',
  about: 'a primary, backups, and a view service that says who is which; the first node is the view service',
  module: new URL('./primary-backup.ts', import.meta.url),
  protocol,
  led: true,
  roles: { primary: 'leader', backup: 'backup', 'view-service': 'view service' },
  bugs,
  options: {
    replication: {
      about: 'whether a write waits for every backup',
      default: 'sync',
      choices: ['sync', 'async'],
    },
    reads: {
      about: 'how a primary knows that it still is one when it reads: it asks its backups, or it has a lease',
      default: 'backups',
      choices: ['backups', 'lease'],
    },
  },
  clients: [kitClient(register), kitClient(set)],
});
