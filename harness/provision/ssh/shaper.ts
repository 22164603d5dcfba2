import { EnvironmentError } from '../../errors.ts';
import type { Agent } from '../agent.ts';
import { nativeProgram } from '../native.ts';
import { fileAt, packed } from './packed.ts';
import type { Stay } from './stay.ts';

const hardware: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** A shaper on a machine, compiled here and brought there when something is first shaped. */
export async function startShaper(stay: Stay): Promise<{ readonly agent: Agent } & AsyncDisposable> {
  const { survey, machine, folder } = stay;
  if (hardware[process.arch] !== survey.hardware)
    throw new EnvironmentError(
      `links of ${machine.host.name} cannot be shaped: it is ${survey.hardware}, and the shaper is compiled here, for ${hardware[process.arch] ?? process.arch}`,
    );
  const program = fileAt('agent/shaper', await nativeProgram('shaper', ['-static']));
  await stay.bring('shaper', await packed([program]));
  return await stay.helper('the shaper', [`${folder}/agent/shaper`]);
}

/** Why none can be brought anywhere: there is no compiler here. */
export async function whyNoShaper(): Promise<string | undefined> {
  try {
    await nativeProgram('shaper', ['-static']);
    return undefined;
  } catch (cause) {
    const { message, hint } = cause as EnvironmentError;
    return hint === undefined ? message : `${message}. ${hint}`;
  }
}
