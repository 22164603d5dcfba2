/**
 * What each fault costs: how long it takes until it is in force and seen to be, and until it is healed and seen to be. Three nodes
 * that do nothing else, on `local`, or on `docker`: `node bench/faults.ts docker`. With `--write`, docs/reference/faults.md says it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { findGround } from '../harness/provision/docker/ground.ts';
import { enterNamespace } from '../harness/provision/namespace.ts';
import { battlefield } from '../nemesis/conformance/field.ts';
import { dockerHere, localHere } from '../nemesis/conformance/here.ts';
import { worldOn } from '../nemesis/conformance/real-world.ts';
import { withRealNodes } from '../nemesis/conformance/with-real-nodes.ts';

const rounds = 5;
const [name = 'local'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (name === 'local') enterNamespace();
const { runtime } = name === 'local' ? await localHere() : await dockerHere((await findGround()).engine);
const world = await worldOn(runtime, { image: 'debian:bookworm-slim', command: ['sleep', '100000'] });

const costs: Record<string, readonly [number, number]> = {};
try {
  for (const { fault, variants = fault.variants } of withRealNodes) {
    if (!fault.needs.every((need) => runtime.can.has(need))) continue;
    const variant = variants.includes('one') ? 'one' : (variants[0] as string);
    const [strikes, heals]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const field = battlefield(world).field(round);
      let began = performance.now();
      const injection = await fault.inject(field, variant);
      strikes.push(performance.now() - began);
      if (injection.evidence.outcome !== 'confirmed')
        throw new Error(`${fault.name}: ${injection.evidence.because}`);
      began = performance.now();
      await injection.heal();
      heals.push(performance.now() - began);
    }
    costs[fault.name] = [median(strikes), median(heals)];
    console.log(
      `${fault.name}: ${median(strikes)} ms until it is seen, ${median(heals)} ms until it is over`,
    );
  }
} finally {
  await world[Symbol.asyncDispose]();
}

if (process.argv.includes('--write')) {
  const file = new URL('../docs/reference/fault-costs.json', import.meta.url);
  const before = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, `${JSON.stringify({ ...before, [name]: costs }, undefined, 2)}\n`);
}

function median(times: readonly number[]): number {
  return Math.round(times.toSorted((a, b) => a - b)[times.length >> 1] as number);
}
