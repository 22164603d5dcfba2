/** A harness that makes everything bad that it can, says so, and waits to be killed: `abandoned.ts local` or `docker`. */
import { findGround } from '../../harness/provision/docker/ground.ts';
import { dockerHere, localHere } from './here.ts';
import { worldOn } from './real-world.ts';

const { runtime } =
  process.argv[2] === 'docker' ? await dockerHere((await findGround()).engine) : await localHere();
const { cluster } = await worldOn(runtime, { image: 'debian:bookworm-slim', command: ['sleep', '100000'] });
for (const node of cluster.nodes) {
  await node.clock?.set('wall', { aheadMs: 3_600_000, rate: 2 });
  await node.limits?.tighten('files', 0);
  await node.group?.squeeze(0.1);
}
const [, , n3] = cluster.nodes;
await n3?.kill();
await n3?.disk?.damage('logs/first', { cut: 100 });
for (const node of cluster.nodes) await node.disk?.trouble('write', { error: 'ENOSPC' });
await cluster.network.setCuts([{ from: 'n1', to: 'n2' }]);
await cluster.network.setShaping?.([{ from: 'n2', to: 'n3', delayMs: 100 }]);
await cluster.nodes[0]?.pause();
process.stdout.write('all is bad\n');
setInterval(() => {}, 1000);
