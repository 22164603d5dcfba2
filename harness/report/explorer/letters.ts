import { VarintReader, VarintWriter } from './varint.ts';

/** Messages between nodes as the page holds them: one typed array a field, in the order in which they were sent. */
export interface Letters {
  /** Microseconds since the run began. */
  readonly sent: Float64Array;
  /** `Infinity` where it never arrived. */
  readonly arrived: Float64Array;
  /** Places in the manifest's `places` and `letterNames`. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly name: Uint8Array;
  /** −1 where the message says none. */
  readonly term: Int32Array;
}

export function packLetters(letters: Letters): Uint8Array {
  const writer = new VarintWriter();
  let before = 0;
  for (let i = 0; i < letters.sent.length; i++) {
    const sent = letters.sent[i] as number;
    const arrived = letters.arrived[i] as number;
    writer.natural(sent - before);
    before = sent;
    writer.natural(arrived === Infinity ? 0 : arrived - sent + 1);
    for (const column of ['from', 'to', 'name'] as const) writer.natural(letters[column][i] as number);
    writer.natural((letters.term[i] as number) + 1);
  }
  return writer.bytes();
}

export function unpackLetters(bytes: Uint8Array, length: number): Letters {
  const reader = new VarintReader(bytes);
  const letters: Letters = {
    sent: new Float64Array(length),
    arrived: new Float64Array(length),
    from: new Uint8Array(length),
    to: new Uint8Array(length),
    name: new Uint8Array(length),
    term: new Int32Array(length),
  };
  let sent = 0;
  for (let i = 0; i < length; i++) {
    letters.sent[i] = sent += reader.natural();
    const took = reader.natural();
    letters.arrived[i] = took === 0 ? Infinity : sent + took - 1;
    for (const column of ['from', 'to', 'name'] as const) letters[column][i] = reader.natural();
    letters.term[i] = reader.natural() - 1;
  }
  return letters;
}
