import { expect, test } from 'vitest';
import * as golden from './golden/runs.ts';
import { junitXml } from './junit.ts';

test('a violation is a failure with its proof, and what proved nothing is an error', () => {
  const xml = junitXml([golden.pass(), golden.staleRead(), golden.undecided(), golden.couldNotRun()]);
  expect(xml).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="labrys" tests="4" failures="1" errors="2" skipped="0"/,
  );
  expect(xml.match(/<testsuite /g)).toHaveLength(1);
  expect(xml).toContain(
    '<failure type="not-linearizable" message="Client 5 read x246 at 12.343 s and got 14',
  );
  expect(xml).toMatch(/\n +12\.345 +└ 14 {2}✗/);
  expect(xml.match(/<error type="(undecided|could-not-run)"/g)).toHaveLength(2);
  expect(xml).toContain('<property name="seed" value="4711"></property>');
});

test('hostile text stays text, and no character is in it that XML forbids', () => {
  const xml = junitXml([golden.hostile()]);
  expect(new Set([...xml.matchAll(/<\/?([a-z-]+)/g)].map(([, name]) => name))).toEqual(
    new Set(['testsuites', 'testsuite', 'testcase', 'properties', 'property', 'failure']),
  );
  expect(xml.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\ufffe\uffff]/u);
});
