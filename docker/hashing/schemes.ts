import { hash, SLOTS } from './hash.ts';

/** Who owns which slot: for each, the place of its owner among all nodes. */
export type SlotMap = readonly number[];

/** `all` nodes there could be, in order; `members` are those that there are. `before` is who had what, where anybody had. */
export type Scheme = (all: readonly string[], members: readonly string[], before?: SlotMap) => SlotMap;

/** A slot’s number modulo the number of members: one more, and nearly all belong elsewhere. */
export const modulo: Scheme = (all, members) => {
  const places = members.map((member) => all.indexOf(member));
  return slots((slot) => places[slot % places.length] as number);
};

/** Consistent hashing (Karger and others 1997): every member has `points` places on a ring, and whoever comes next from a slot on owns it. */
export function ring(points: number): Scheme {
  return (all, members) => {
    const placed = members
      .flatMap((member) =>
        Array.from({ length: points }, (_, i) => ({
          at: hash(`${member} ${i}`) % SLOTS,
          place: all.indexOf(member),
        })),
      )
      .toSorted((a, b) => a.at - b.at || a.place - b.place);
    let next = 0;
    return slots((slot) => {
      while (next < placed.length && (placed[next]?.at as number) < slot) next++;
      return (placed[next] ?? placed[0])?.place as number;
    });
  };
}

/** A table of slots, as Redis Cluster’s: who joins takes an equal share from everybody, who leaves deals its own out to everybody. */
export const table: Scheme = (all, members, before) => {
  const places = members.map((member) => all.indexOf(member)).toSorted((a, b) => a - b);
  const map = before ? [...before] : slots(() => -1);
  const has = new Map(places.map((place) => [place, 0]));
  for (const owner of map) if (has.has(owner)) has.set(owner, (has.get(owner) as number) + 1);
  const fair = (place: number): number =>
    Math.floor(SLOTS / places.length) + (places.indexOf(place) < SLOTS % places.length ? 1 : 0);
  let taker = 0;
  return map.map((owner) => {
    const mine = has.get(owner);
    if (mine !== undefined && mine <= fair(owner)) return owner;
    if (mine !== undefined) has.set(owner, mine - 1);
    while (!wants(places[taker] as number)) taker++;
    const to = places[taker] as number;
    has.set(to, (has.get(to) as number) + 1);
    return to;
  });

  function wants(place: number): boolean {
    return (has.get(place) as number) < fair(place);
  }
};

function slots(ownerOf: (slot: number) => number): number[] {
  return Array.from({ length: SLOTS }, (_, slot) => ownerOf(slot));
}
