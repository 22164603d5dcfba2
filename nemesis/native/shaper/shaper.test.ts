import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { commandPath } from '../../../harness/provision/command-path.ts';
import { compile } from '../../../harness/provision/native.ts';

const here = import.meta.dirname;
const compiler = commandPath(process.env['CC'] ?? 'cc');
const linux = process.platform === 'linux';
const unless = !linux ? ' (skipped: Linux alone has them)' : compiler ? '' : ' (skipped: no C compiler)';

describe.skipIf(unless !== '')(`the shaper’s parsers${unless}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'labrys-fuzz-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** With a seed at random, printed when it fails: `FC_SEED=7 npm run test:unit -- shaper`. */
  test('survive what nobody should ever send', async () => {
    const units = globSync('*.c', { cwd: here }).filter((file) => file !== 'shaper.c');
    const program = join(scratch, 'fuzz');
    const strict = ['-g', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    await compile(
      units.map((file) => join(here, file)),
      program,
      strict,
    );
    const seed = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
    const rounds = 200 * Number(process.env['FC_RUNS'] ?? 100);
    const { stderr } = await promisify(execFile)(program, [String(seed), String(rounds)], {
      maxBuffer: 1 << 28,
    });
    const [parsed = 0, whole = 0, reset = 0] = (stderr.match(/\d+/g) ?? []).map(Number);
    expect(parsed, `FC_SEED=${seed}`).toBeGreaterThan(rounds);
    expect(whole).toBeGreaterThan(parsed / 2);
    expect(reset).toBeGreaterThan(parsed / 20);
  });
});
