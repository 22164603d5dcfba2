import { expect, test } from 'vitest';
import { Mail } from './mail.ts';

const numbers = (mail: Mail, cursor: string) => mail.collect(cursor).events.map(([, number]) => number);

function note(mail: Mail, count: number): number[] {
  return Array.from({ length: count }, () => {
    const number = mail.next();
    mail.note('sent', number, 'n2', 'append', { term: 4 });
    return number;
  });
}

test('what was collected is kept until the next asks for what comes after it', () => {
  const mail = new Mail();
  const first = note(mail, 3);
  const { next } = mail.collect('');
  expect(numbers(mail, '')).toEqual(first);
  const second = note(mail, 2);
  expect(numbers(mail, next)).toEqual(second);
  expect(numbers(mail, next)).toEqual(second);
  expect(numbers(mail, mail.collect(next).next)).toEqual([]);
});

test('a cursor of another life, or one that makes no sense, asks for everything', () => {
  const other = new Mail();
  note(other, 9);
  const mail = new Mail();
  const all = note(mail, 4);
  for (const cursor of [other.collect('').next, 'nonsense', '1.2.3', '..'])
    expect(numbers(mail, cursor)).toEqual(all);
});

test('where nobody asks, the oldest are forgotten, and the rest is still in order', () => {
  const mail = new Mail(10);
  const all = note(mail, 24);
  const kept = numbers(mail, '');
  expect(kept.length).toBeGreaterThanOrEqual(5);
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept).toEqual(all.slice(-kept.length));
});

test('an event says the term where the message does, and moments never go back', () => {
  const mail = new Mail();
  note(mail, 5);
  mail.note('arrived', 7, 'n3', 'ping', 'no term in this');
  const { events, at } = mail.collect('');
  expect(events.map(([, , , , term]) => term)).toEqual([4, 4, 4, 4, 4, null]);
  const moments = [...events.map((event) => event[5]), at];
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
});
