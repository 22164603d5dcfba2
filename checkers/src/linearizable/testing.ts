import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { CheckContext, Verdict } from '../checker.ts';
import type { History, HistoryEvent, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { tabulate } from '../table/tabulate.ts';
import { linearizable } from './linearizable.ts';
import { linearize } from './reference.ts';
import { verify } from '../verify/verify.ts';

/** Enough of everything, for tests. */
export function plenty(): CheckContext {
  return { deadline: Infinity, now: () => performance.now(), memoryBytes: 2 ** 31 };
}

/** How many cases a property tries: `FC_RUNS` scales them all. */
export function runs(usual: number): number {
  return Math.ceil((usual * Number(process.env['FC_RUNS'] ?? 100)) / 100);
}

/** The whole claim of the package, for one history: the answer is brute force's, and its proof holds. */
export function holdAgainstReference<Ops extends Operations, State>(
  history: History<Ops>,
  model: Model<Ops, State>,
): Verdict {
  const verdict = linearizable(model, { proof: true }).check(history, plenty()) as Verdict;
  const order = linearize(model, [...history]);
  expect(verdict.valid).toBe(order !== false);
  expect(verify(verdict, history, model)).toBeUndefined();
  return verdict;
}

/** What a client may ask of an object, and what it may be told; the first entry of `answers` is not special. */
export interface Vocabulary {
  readonly f: string;
  readonly inputs: readonly unknown[];
  /** Each input is used once at most, in this order. There have to be enough. */
  readonly once?: boolean;
  /** Wrong answers to try. What the object really answers is found by asking the model. */
  readonly answers: readonly unknown[];
}

/**
 * Histories of a few clients using one object: mostly what a correct object would have answered, with some answers
 * replaced, some operations failed and some never answered, so that about as many are legal as not.
 */
export function histories<Ops extends Operations, State>(
  model: Model<Ops, State>,
  words: readonly Vocabulary[],
  {
    operations = 7,
    clients = 4,
    honest = 0.85,
  }: { operations?: number; clients?: number; honest?: number } = {},
): fc.Arbitrary<History<Ops>> {
  const turn = fc.record({
    word: fc.nat(1e6),
    input: fc.nat(1e6),
    // Not `fc.double`, which draws mostly from around nought.
    lie: fc.nat(999).map((n) => n / 1000),
    answer: fc.nat(1e6),
    fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info', 'info that happened'),
    client: fc.nat(clients - 1),
  });
  return fc
    .record({
      turns: fc.array(turn, { minLength: 1, maxLength: operations }),
      order: fc.array(fc.nat(1e6), { minLength: 3 * operations, maxLength: 3 * operations }),
    })
    .map(({ turns, order }) => simulate(model, words, turns, order, honest));
}

interface Turn {
  readonly word: number;
  readonly input: number;
  readonly lie: number;
  readonly answer: number;
  readonly fate: string;
}

/** Each operation is called, takes effect and returns, in an order drawn at random. */
function simulate<Ops extends Operations, State>(
  model: Model<Ops, State>,
  words: readonly Vocabulary[],
  turns: readonly Turn[],
  order: readonly number[],
  honest: number,
): History<Ops> {
  const events: HistoryEvent[] = [];
  const waiting = turns.map((turn, process) => ({ turn, process, stage: 0, answer: undefined as unknown }));
  const live: typeof waiting = [];
  let state = model.initial;
  let draw = 0;
  const answers = new Map<(typeof waiting)[number], unknown>();
  while (waiting.length + live.length > 0) {
    const pick =
      (order[draw++ % order.length] as number) %
      (live.length + (waiting.length > 0 && live.length < 4 ? 1 : 0) || 1);
    const one = live[pick] ?? (waiting.shift() as (typeof waiting)[number]);
    const word = words[one.turn.word % words.length] as Vocabulary;
    const input = word.inputs[(word.once ? one.process : one.turn.input) % word.inputs.length];
    const common = { index: events.length, time: events.length * 1e6, process: one.process, f: word.f };
    if (one.stage === 0) {
      events.push({ ...common, type: 'invoke', ...(input !== undefined && { value: input }) });
      live.push(one);
    } else if (one.stage === 1) {
      const { after, answer } = ask(model, state, word, input);
      answers.set(one, answer);
      if (one.turn.fate === 'ok' || one.turn.fate === 'info that happened') state = after;
    } else {
      live.splice(live.indexOf(one), 1);
      const lies = one.turn.lie > honest;
      const told = lies ? word.answers[one.turn.answer % word.answers.length] : answers.get(one);
      const type = one.turn.fate === 'ok' ? 'ok' : one.turn.fate === 'fail' ? 'fail' : 'info';
      events.push({ ...common, type, ...(type === 'ok' && told !== undefined && { value: told }) });
    }
    one.stage++;
  }
  return tabulate<Ops>(events as HistoryEvent<Ops>[]).history;
}

/** What an object in this state answers: the first answer that its model finds legal. */
function ask<Ops extends Operations, State>(
  model: Model<Ops, State>,
  state: State,
  word: Vocabulary,
  input: unknown,
): { readonly after: State; readonly answer: unknown } {
  for (const answer of word.answers) {
    const operation = {
      id: 0,
      process: 0,
      node: undefined,
      f: word.f,
      key: undefined,
      input,
      output: answer,
      outcome: 'ok',
      call: 0,
      return: 1,
      callTime: 0,
      returnTime: 1,
      error: undefined,
    };
    const after = model.step(state, operation as never);
    if (after !== ILLEGAL) return { after, answer };
  }
  return { after: state, answer: word.answers[0] };
}
