import { expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { bundle } from './build.ts';
import { explorerScript } from './embed.ts';

test('the explorer that ships is built from its sources; `node harness/report/explorer/build.ts` builds it', async () => {
  expect(explorerScript === (await bundle())).toBe(true);
});

test('it is small, makes no request, and parses no markup', () => {
  expect(gzipSync(explorerScript).length).toBeLessThan(25_000);
  expect(explorerScript).not.toMatch(
    /\bfetch\(|XMLHttpRequest|WebSocket|innerHTML|insertAdjacentHTML|document\.write|<\/script/,
  );
});
