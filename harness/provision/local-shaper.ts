import { LabrysError } from '../errors.ts';
import { startAgent, startHelper, type LocalAgent } from './agent.ts';
import { nativeProgram } from './native.ts';

/** A shaper as a child of this process. `through` runs before it on the command line. */
export async function localShaper(through: readonly string[] = []): Promise<LocalAgent> {
  return await startHelper('the shaper', [...through, await nativeProgram('shaper')]);
}

/** Why there can be none in the namespaces that we are in: no compiler, or what the kernel lacks. Tried out. */
export async function whyNoShaper(): Promise<string | undefined> {
  try {
    await using helper = await startAgent();
    await using shaper = await localShaper();
    const [door = ''] = await helper.agent.ask('hold', 'scratch');
    await tryShaper(shaper, door);
    return undefined;
  } catch (error) {
    const hint = error instanceof LabrysError ? error.hint : undefined;
    const why = error instanceof Error ? error.message : String(error);
    return hint === undefined ? why : `${why}. ${hint}`;
  }
}

/** Needs everything of the kernel that any shaping does. Nothing is ever sent to that address, which is for documentation. */
export async function tryShaper({ agent }: Pick<LocalAgent, 'agent'>, door: string): Promise<void> {
  await agent.ask('enter', 'scratch', door);
  await agent.ask('shape', 'scratch', '192.0.2.1', 'delay=1');
}
