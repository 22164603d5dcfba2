import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkers, type CheckContext, type NamedOptions } from '../checkers/src/index.ts';
import { drawn } from '../checkers/src/drawn.testing.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/consistency.md'), 'utf8');

/** A picture, opened by ```history and the name of a checker with its options, and what the checker says of it, or says first. */
const pictures = [...page.matchAll(/^```history (\S+) ?(.*)\n([\s\S]*?)^```\n\n?((?:^> .*\n)*)/gm)].map(
  ([, name, options, picture, said]) => ({
    name: name as string,
    options: Object.fromEntries(
      (options ?? '').split(' ').flatMap((option) => {
        const [key, value] = option.split('=');
        return key && value ? [[key, Number(value)]] : [];
      }),
    ) as NamedOptions,
    picture: picture as string,
    said: (said ?? '').replaceAll(/^> /gm, '').trim(),
  }),
);

const context: CheckContext = { deadline: Infinity, now: () => performance.now(), memoryBytes: 2 ** 31 };

test.each(pictures)(
  'the page on consistency says what $name says ($options)',
  async ({ name, options, picture, said }) => {
    const checker = checkers.get(name)?.(options);
    expect(checker, `a checker called ${name}`).toBeDefined();
    const verdict = await checker?.check(drawn(picture), context);
    const [first] = verdict?.anomalies ?? [];
    expect(verdict?.valid).toBe(first === undefined);
    expect(said).toBe(first ? `*${first.kind}:* ${first.explanation}` : 'Valid.');
  },
);

test('every checker that has a name has a picture of what breaks it', () => {
  const broken = new Set(pictures.filter(({ said }) => said.startsWith('*')).map(({ name }) => name));
  expect([...checkers.keys()].filter((name) => !broken.has(name))).toEqual([]);
});
