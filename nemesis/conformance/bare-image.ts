import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../harness/provision/native.ts';
import type { Recipe } from '../../harness/runtime.ts';

/** Lives, and asks what time it is now and then, so that there are clocks to be read. */
const program = `
#include <time.h>
#include <unistd.h>
int main(void) {
    for (struct timespec now;; sleep(1)) clock_gettime(CLOCK_REALTIME, &now);
}
`;

/**
 * A node in an image that has nothing but its own program: no shell, no library, no folder. Whatever a fault needs must come from
 * elsewhere. Where there is no compiler, a node in an image that has more.
 */
export async function bareNode(): Promise<Recipe> {
  const context = mkdtempSync(join(tmpdir(), 'labrys-bare-'));
  writeFileSync(join(context, 'bare.c'), program);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY bare /bare\n');
  writeFileSync(join(context, '.dockerignore'), '*\n!Dockerfile\n!bare\n');
  try {
    await compile([join(context, 'bare.c')], join(context, 'bare'), ['-static']);
    return { image: 'labrys-bare', build: { context }, command: ['/bare'] };
  } catch {
    return { image: 'debian:bookworm-slim', command: ['sleep', '100000'] };
  }
}
