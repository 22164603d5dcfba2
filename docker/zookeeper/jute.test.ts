import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { framesTo } from './frames.ts';
import { Reader, Writer } from './jute.ts';

test('what is written is read as it was, and a message as long as it says', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.string()),
      (int, long, text, list) => {
        const writer = new Writer().int(int).long(long).bytes(text).int(list.length);
        for (const one of list) writer.bytes(one);
        const frame = new Writer().append(writer).frame();
        expect(frame.readInt32BE(0)).toBe(frame.length - 4);
        const reader = new Reader(frame.subarray(4));
        expect([reader.int(), reader.long(), reader.text()]).toEqual([int, long, text]);
        expect(reader.list(() => reader.text())).toEqual(list);
      },
    ),
  ));

test('messages come out as they went in, wherever they were cut on their way', () =>
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.nat({ max: 20 })), (texts, cuts) => {
      const stream = Buffer.concat(texts.map((text) => new Writer().bytes(text).frame()));
      const heard: string[] = [];
      const hear = framesTo((message) => heard.push(new Reader(message).text()));
      let at = 0;
      for (const cut of cuts) hear(stream.subarray(at, (at += cut)));
      hear(stream.subarray(at));
      expect(heard).toEqual(texts);
    }),
  ));

test('a message that ends too soon is an error, and one that says less than nothing holds nothing', () => {
  expect(() => new Reader(new Writer().int(5).frame().subarray(4)).bytes()).toThrow('5 bytes are not there');
  expect(() => new Reader(Buffer.alloc(2)).int()).toThrow(RangeError);
  expect(new Reader(new Writer().int(-1).frame().subarray(4)).text()).toBe('');
});
