import type { Message } from '../mail.ts';
import type { Said } from '../node-logs.ts';
import { name } from '../words.ts';
import { packLetters } from './letters.ts';
import type { LogLine, Surroundings } from './manifest.ts';

/** As many lines as a page can carry without becoming a burden. */
const MOST_LINES = 20_000;
const MOST_LETTERS = 200_000;
const MOST_NAMES = 255;

export interface Packed {
  readonly about: Surroundings;
  readonly letters: Uint8Array;
  readonly lines: readonly LogLine[];
}

/** `moments`: what a reader will look at, in seconds: anomalies, faults that strike or heal. */
export function packSurroundings(
  nodes: readonly string[],
  said: readonly Said[],
  messages: readonly Message[],
  moments: readonly number[],
): Packed {
  const lines = nearest(said, ({ at }) => at, moments, MOST_LINES);
  const kept = nearest(messages, ({ sent }) => sent / 1e9, moments, MOST_LETTERS);
  const places = [
    ...new Set([...nodes, ...lines.map(({ node }) => node), ...kept.flatMap(({ from, to }) => [from, to])]),
  ].slice(0, MOST_NAMES);
  const names = [...new Set(kept.map((message) => message.name))].slice(0, MOST_NAMES - 1);
  const place = new Map(places.map((of, i) => [of, i]));
  const nameAt = new Map(names.map((of, i) => [of, i]));
  const letters = kept.filter(({ from, to }) => place.has(from) && place.has(to));
  return {
    about: {
      places: places.map((of) => name(of)),
      letterNames: [...names.map((of) => name(of, 40)), '…'],
      letters: letters.length,
      logsCut: lines.length < said.length,
    },
    letters: packLetters({
      sent: Float64Array.from(letters, ({ sent }) => Math.round(sent / 1000)),
      arrived: Float64Array.from(letters, ({ sent, arrived }) =>
        arrived === undefined ? Infinity : Math.max(Math.round(arrived / 1000), Math.round(sent / 1000)),
      ),
      from: Uint8Array.from(letters, ({ from }) => place.get(from) ?? 0),
      to: Uint8Array.from(letters, ({ to }) => place.get(to) ?? 0),
      name: Uint8Array.from(letters, (message) => nameAt.get(message.name) ?? names.length),
      term: Int32Array.from(letters, ({ term }) => term ?? -1),
    }),
    lines: lines.flatMap(({ node, at, text }): LogLine[] => {
      const on = place.get(node);
      return on === undefined ? [] : [[on, Math.round(at * 1e6), text]];
    }),
  };
}

/** All of them, or, where there are too many, those nearest to a moment that matters. In the order that they had. */
function nearest<T>(
  of: readonly T[],
  at: (one: T) => number,
  moments: readonly number[],
  most: number,
): readonly T[] {
  if (of.length <= most) return of;
  const sorted = moments.toSorted((a, b) => a - b);
  const away = of.map((one) => distance(at(one), sorted));
  const limit = away.toSorted((a, b) => a - b)[most - 1] as number;
  return of.filter((_, i) => (away[i] as number) <= limit).slice(0, most);
}

function distance(time: number, moments: readonly number[]): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return Math.min(
    Math.abs(time - (moments[low - 1] ?? Infinity)),
    Math.abs((moments[low] ?? Infinity) - time),
  );
}
