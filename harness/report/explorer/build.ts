import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The explorer's program as one script, from the sources in `page/`. `node harness/report/explorer/build.ts` writes it. */
export async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: import.meta.dirname,
    build: {
      write: false,
      target: 'es2022',
      lib: {
        entry: fileURLToPath(import.meta.resolve('./page/main.ts')),
        formats: ['iife'],
        name: 'explorer',
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [];
  const code = output?.output[0].code;
  if (code === undefined) throw new Error('Vite built nothing from page/main.ts');
  return code.trim();
}

if (import.meta.main) await writeFile(new URL('./bundle.js.txt', import.meta.url), await bundle());
