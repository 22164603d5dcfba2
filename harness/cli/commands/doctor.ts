import { styleText } from 'node:util';
import type { Diagnosis } from '../../runtime.ts';
import { upkeep } from '../world.ts';
import { leftovers } from './clean.ts';

/** `labrys doctor`: tries in scratch places what this machine can do, and says what to install for the rest. */
export async function doctor(options: { json?: boolean }): Promise<number> {
  const runtimes: Record<string, readonly Diagnosis[]> = {};
  for (const { name, keep } of await upkeep()) runtimes[name] = await keep.diagnose();
  const { found, unseen } = await leftovers();
  const left = found.map(({ what, run, inUse }) => ({ what, run, inUse }));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ runtimes, leftovers: left, unseen })}\n`);
    return 0;
  }
  for (const [name, lines] of Object.entries(runtimes)) {
    process.stdout.write(`${name}\n`);
    for (const line of lines) process.stdout.write(said(line));
  }
  for (const line of unseen) process.stdout.write(`\nCould not see ${line}\n`);
  const dead = left.filter(({ inUse }) => !inUse);
  if (dead.length > 0) {
    process.stdout.write(
      `\nLeft by runs that were killed:\n${dead.map(({ what }) => `  ${what}\n`).join('')}`,
    );
    process.stdout.write('Remove it with: npx labrys clean\n');
  }
  return 0;
}

function said({ what, works, detail, hint }: Diagnosis): string {
  const glyph = works
    ? styleText('green', '✓', { stream: process.stdout })
    : styleText('red', '✗', { stream: process.stdout });
  return `  ${glyph} ${what}: ${detail}\n${!works && hint !== undefined ? `      ${hint}\n` : ''}`;
}
