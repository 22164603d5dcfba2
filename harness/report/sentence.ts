import type { Result } from '../record/result.ts';
import { proofOf, type Proof } from './proof.ts';
import { extent, leaves } from './headline.ts';
import { keyName, name, span, value, visible } from './words.ts';

/** A stretch of the verdict sentence. Put together again, the stretches are the sentence. */
export interface Stretch {
  readonly text: string;
  /** `name` is a key or a value of the system's; `wrong` is the answer that could not be. */
  readonly kind: 'plain' | 'name' | 'wrong';
}

/** What a pass does not say. On the page it stands by itself, below the sentence that it ends. */
export const CAUTION = 'This run found no violation. It does not prove that none exists.';

/** The sentence, with the names and values in it marked where their place in it shows that they are such. */
export function stretches(result: Result): Stretch[] {
  const sentence = visible(result.sentence);
  const proof = result.counterexample && proofOf(result.counterexample);
  if (proof === undefined) return [{ text: sentence, kind: 'plain' }];
  const wrong = value(proof.impossible.output);
  const names = new Set([
    ...proof.operations.flatMap(({ key, input, output }) => [keyName(key), value(input), value(output)]),
    wrong,
  ]);
  names.delete('');
  names.delete('nothing');
  const found: Stretch[] = [];
  // Only after these words: the 5 of "client 5" is no value, the 5 of "got 5" is.
  for (const part of sentence.split(
    /(?<=\b(?:got|of|read|returned|wrote|write|value|key|add|added|element) )(\S+?)(?=[.,;:]?(?: |$))/,
  )) {
    const kind = !names.has(part)
      ? 'plain'
      : part === wrong && /(got|returned) $/.test(found.at(-1)?.text ?? '')
        ? 'wrong'
        : 'name';
    if (part !== '') found.push({ text: part, kind });
  }
  return found;
}

/** What else a reader asks first about a violation, each from data: who answered, under which fault, how often. */
export function asides(result: Result, proof: Proof | undefined): string[] {
  if (proof === undefined) return [];
  const { impossible, during } = proof;
  const said: string[] = [];
  const fault =
    during.find(({ nodes }) => impossible.node !== undefined && nodes.includes(impossible.node)) ?? during[0];
  const who = impossible.node === undefined ? undefined : name(impossible.node);
  if (fault !== undefined)
    said.push(
      `${who === undefined ? 'It was asked' : `${who} answered,`} ${span(impossible.call - fault.from)} into ${faultName(fault)}.`,
    );
  else if (who !== undefined) said.push(`${who} answered; no fault was in force then.`);
  const { checker } = proof.counterexample;
  const verdict = leaves(result.checks).find((one) => one.checker === checker && one.valid === false);
  const often = verdict === undefined ? '' : extent(verdict);
  if (!/^(1 |$)/.test(often))
    said.push(often.includes('key') ? `${often} show an anomaly.` : `${often} in all.`);
  return said;
}

/** `partition n1 | n2 n3`: the fault's own words, which begin with its name or get it put before them. */
export function faultName(fault: { readonly name: string; readonly what: string }): string {
  const kind = fault.name === 'fault' ? '' : name(fault.name);
  const what = name(fault.what, 80);
  if (what === '') return kind;
  return what.toLowerCase().startsWith(kind.toLowerCase()) ? what : `${kind} ${what}`;
}
