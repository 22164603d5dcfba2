import { kitClient, kitSystem } from 'labrys/kit/system';
import register from 'labrys/workloads/register';
import protocol from './primary-backup.ts';

export default kitSystem({
  name: 'primary-backup',
  about: 'one node orders everything, and the others keep copies',
  module: new URL('./primary-backup.ts', import.meta.url),
  protocol,
  led: true,
  clients: [kitClient(register)],
});
