/** `npm run docs`: writes the reference pages that are made from the code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allFaults } from '../../harness/cli/support.ts';
import { runtimes } from '../../harness/cli/world.ts';
import { measured, page } from './faults-page.ts';

const file = join(import.meta.dirname, '../../docs/reference/faults.md');
writeFileSync(file, page(await allFaults(), await runtimes(), measured));
process.stdout.write(`wrote ${file}\n`);
