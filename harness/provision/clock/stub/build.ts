/**
 * Builds `bytes.ts` from `stub.c`, for both architectures: `node build.ts`. Needs gcc, binutils, and
 * gcc-aarch64-linux-gnu; with Debian's, of the version that `bytes.ts` names, it comes out the same to the byte.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const flags =
  '-Os -fpie -ffreestanding -fvisibility=hidden -fno-stack-protector -fno-asynchronous-unwind-tables -mgeneral-regs-only';
/** Go keeps its goroutine in x28, and its signal handler trusts that outside of the vDSO's first page. */
const targets = {
  x64: { tools: '', flags: '-fcf-protection=none' },
  arm64: { tools: 'aarch64-linux-gnu-', flags: '-mcmodel=tiny -ffixed-x18 -ffixed-x28' },
} as const;
const symbols = [
  'fake_clock_gettime',
  'fake_gettimeofday',
  'fake_time',
  'real_clock_gettime',
  'saved',
  'configuration',
];

export type Target = keyof typeof targets;

export interface Built {
  readonly code: Buffer;
  /** Where each part of it is, from its beginning. */
  readonly at: Readonly<Record<string, number>>;
}

/** What the compiler calls itself: `gcc (Debian 12.2.0-14+deb12u1) 12.2.0`. Throws where there is none. */
export function compilerOf(target: Target): string {
  const said = execFileSync(`${targets[target].tools}gcc`, ['--version'], { encoding: 'utf8' });
  return (said.split('\n')[0] as string).replace(/^\S+/, 'gcc');
}

export function build(target: Target): Built {
  const { tools, flags: more } = targets[target];
  const folder = mkdtempSync(join(tmpdir(), 'labrys-stub-'));
  try {
    const [object, linked, flat] = ['o', 'elf', 'bin'].map((kind) => join(folder, `stub.${kind}`)) as [
      string,
      string,
      string,
    ];
    const run = (tool: string, ...argv: string[]): string =>
      execFileSync(`${tools}${tool}`, argv, { encoding: 'utf8' });
    run('gcc', ...`${flags} ${more}`.split(' '), '-c', join(here, 'stub.c'), '-o', object);
    const quiet = '--no-warn-rwx-segments';
    run('ld', quiet, '-T', join(here, 'stub.ld'), '-static', '-nostdlib', '-e', '0', object, '-o', linked);
    run('objcopy', '-O', 'binary', '-j', '.stub', linked, flat);
    const listed = [...run('nm', linked).matchAll(/^([0-9a-f]+) \w (\w+)$/gm)];
    const offsets = Object.fromEntries(
      listed.map(([, at, name]) => [name, Number.parseInt(at as string, 16)]),
    );
    const wanted = symbols.map((name) => [camel(name), offsets[name] as number] as const);
    // What comes after is empty until it is used.
    const code = readFileSync(flat).subarray(0, offsets['saved']);
    return { code, at: Object.fromEntries(wanted) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function source(): string {
  const entries = (Object.keys(targets) as Target[]).map((target) => {
    const { code, at } = build(target);
    const places = Object.entries(at).map(([name, offset]) => `${name}: 0x${offset.toString(16)}`);
    const lines = (code.toString('base64').match(/.{1,96}/g) ?? []).map((line) => `'${line}'`);
    return `${target}: { compiler: '${compilerOf(target)}', at: { ${places.join(', ')} }, code: [${lines.join(', ')}] }`;
  });
  return `/** What \`build.ts\` made of \`stub.c\`; see there. */\nexport const built = { ${entries.join(', ')} } as const;\n`;
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

if (process.argv[1] === import.meta.filename) writeFileSync(join(here, 'bytes.ts'), source());
