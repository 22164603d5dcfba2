import { ILLEGAL, type Model } from '../model.ts';
import { byElement } from './by-element.ts';
import { print } from './print.ts';

export type SetOps = {
  readonly add: { in: unknown; out: unknown };
  readonly remove: { in: unknown; out: unknown };
  readonly contains: { in: unknown; out: boolean };
  /** Every element, in any order, each once. */
  readonly read: { in: void; out: readonly unknown[] };
};

/** Elements, each there or not. A state holds them as JSON texts, sorted. */
export const set: Model<SetOps, readonly string[]> = {
  name: 'set',
  initial: [],
  anonymous: true,
  set: { add: 'add', remove: 'remove', contains: 'contains', read: 'read' },
  step(elements, op) {
    switch (op.f) {
      case 'add': {
        const element = print(op.input);
        return elements.includes(element) ? elements : [...elements, element].toSorted();
      }
      case 'remove': {
        const element = print(op.input);
        return elements.includes(element) ? elements.filter((other) => other !== element) : elements;
      }
      case 'contains':
        return op.outcome !== 'ok' || op.output === elements.includes(print(op.input)) ? elements : ILLEGAL;
      case 'read':
        return op.outcome !== 'ok' ||
          sameTexts((op.output as readonly unknown[]).map(print).toSorted(), elements)
          ? elements
          : ILLEGAL;
    }
  },
  readOnly: (op) => op.f === 'contains' || op.f === 'read',
  equals: sameTexts,
  hash: hashTexts,
  describe: (elements) => `{${elements.join(', ')}}`,
  explain: (elements, op) =>
    `can't ${op.f === 'read' ? 'read' : `find ${print(op.input)} contained:`} ${print(op.output)} in {${elements.join(', ')}}`,
  closure: (all) =>
    byElement(all, (op) => {
      if (op.f === 'add' || op.f === 'remove') return { changes: [op.input] };
      if (op.f === 'contains') return { sees: [op.input] };
      return { sees: op.outcome === 'ok' ? (op.output as readonly unknown[]) : [] };
    }),
};

export function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

/** FNV-1a over all characters. */
export function hashTexts(texts: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0x100, 0x01000193);
  }
  return hash >>> 0;
}
