import * as fc from 'fast-check';

const field = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, true, false, -0, 1e20, 2 ** 53, ''),
  fc.string({ unit: fc.constantFrom('a', 'n1', '"', '\\', '\n', 'é', '\u2028', '{', ']', ' ') }),
  fc.tuple(fc.integer(), fc.integer()),
  fc.jsonValue(),
);

/** Lines of `history.jsonl`, each a call or its end, with whatever JSON can say; with and without white space. */
export function eventLines(): fc.Arbitrary<string[]> {
  const invoke = fc.record(
    {
      process: fc.nat(5),
      f: fc.constantFrom('read', 'write', 'ä'),
      key: fc.oneof(fc.integer(), fc.constantFrom('x', 'y z', '"')),
      value: field,
      node: fc.constantFrom('n1', 'n\\2'),
    },
    { requiredKeys: ['process', 'f'] },
  );
  return fc.tuple(fc.array(invoke, { maxLength: 8 }), fc.constantFrom(undefined, 1)).map(([calls, space]) =>
    calls.flatMap((call, i) => {
      const common = { process: call.process, f: call.f };
      return [
        { index: 2 * i, time: i, ...call, type: 'invoke' },
        {
          time: i,
          index: 2 * i + 1,
          type: ['ok', 'fail', 'info'][i % 3],
          ...common,
          value: call.value,
          error: 'no',
        },
      ].map((event) => JSON.stringify(event, undefined, space).replaceAll('\n', ' '));
    }),
  );
}
