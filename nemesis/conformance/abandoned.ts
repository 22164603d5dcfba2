/** A harness that makes everything bad that it can, says so, and waits to be killed. */
import { localRuntime } from '../../harness/provision/local.ts';
import { worldOn } from './real-world.ts';

const { cluster } = await worldOn(localRuntime());
for (const node of cluster.nodes) {
  await node.clock?.set('wall', { aheadMs: 3_600_000, rate: 2 });
  await node.limits?.tighten('files', 0);
  await node.disk?.trouble('write', { error: 'ENOSPC' });
}
await cluster.network.setCuts([{ from: 'n1', to: 'n2' }]);
await cluster.network.setShaping?.([{ from: 'n2', to: 'n3', delayMs: 100 }]);
await cluster.nodes[0]?.pause();
process.stdout.write('all is bad\n');
setInterval(() => {}, 1000);
