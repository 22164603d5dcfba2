import type { Phase, Plan, Requirements } from './plan.ts';
import type { Strike } from '../fault.ts';

/** What is wrong with a value that should be so and so, each with where: `strikes[3].atMs: …`. */
type Rule = (value: unknown, where: string) => readonly string[];

/** A rule for each field, so that the compiler misses none that is added. */
type Rules<T> = { readonly [Field in keyof Required<T>]: Rule };

/** Every reason why this is no plan; none if it is one. */
export function problemsOfPlan(value: unknown): readonly string[] {
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'string' && format.startsWith('labrys/plan@') && format !== 'labrys/plan@1')
    return [`format: ${JSON.stringify(format)} was written by another version; this one reads labrys/plan@1`];
  const problems = plan(value, '');
  return problems.length > 0 ? problems : contradictions(value as Plan);
}

function is(what: string, holds: (value: unknown) => boolean): Rule {
  return (value, where) => (holds(value) ? [] : [`${where}: should be ${what}, and is ${shown(value)}`]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const atLeast = (least: number) => (value: unknown) => Number.isFinite(value) && (value as number) >= least;

const text = is('text', (value) => typeof value === 'string' && value !== '');
const positive = is('a number above 0', (value) => Number.isFinite(value) && (value as number) > 0);
const fromZero = is('a number from 0', atLeast(0));
const count = is('a whole number from 1', (value) => Number.isInteger(value) && atLeast(1)(value));
const whole = is('a whole number from 0', (value) => Number.isInteger(value) && atLeast(0)(value));
const yesOrNo = is('true or false', (value) => typeof value === 'boolean');
const anything: Rule = () => [];
const oneOf = (...words: readonly string[]): Rule =>
  is(words.join(' or '), (value) => words.includes(value as string));
const optional =
  (rule: Rule): Rule =>
  (value, where) =>
    value === undefined ? [] : rule(value, where);
const list =
  (rule: Rule): Rule =>
  (value, where) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => rule(item, `${where}[${i}]`))
      : [`${where}: should be a list, and is ${shown(value)}`];
const mapOf =
  (rule: Rule): Rule =>
  (value, where) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, item]) => rule(item, `${where}.${name}`))
      : [`${where}: should be an object, and is ${shown(value)}`];

function record<T>(rules: Rules<T>): Rule {
  return (value, where) =>
    isObject(value)
      ? Object.entries<Rule>(rules).flatMap(([name, rule]) =>
          rule(value[name], where === '' ? name : `${where}.${name}`),
        )
      : [`${where || 'it'}: should be an object, and is ${shown(value)}`];
}

const strike = record<Strike>({
  number: whole,
  fault: text,
  variant: text,
  atMs: fromZero,
  lastingMs: fromZero,
  others: optional(yesOrNo),
  aim: optional(record<NonNullable<Strike['aim']>>({ role: text, afterMs: fromZero })),
});

const phase = record<Phase>({
  name: oneOf('main', 'final'),
  perSecond: optional(positive),
  seconds: optional(positive),
  weather: oneOf('faulty', 'healthy'),
});

const plan = record<Plan>({
  format: oneOf('labrys/plan@1'),
  run: is('a name of letters, digits and dashes', (value) =>
    /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(String(value)),
  ),
  seed: is(
    'a whole number from 0 to 4294967295',
    (value) => Number.isInteger(value) && atLeast(0)(value) && (value as number) < 2 ** 32,
  ),
  system: text,
  options: mapOf(is('text', (value) => typeof value === 'string')),
  bug: optional(text),
  workload: record<Plan['workload']>({ name: text, options: mapOf(anything) }),
  runtime: oneOf('local', 'docker', 'ssh', 'sim'),
  nodes: is(
    'a list of names, each once',
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((name) => typeof name === 'string') &&
      new Set(value).size === value.length,
  ),
  clients: count,
  phases: list(phase),
  quorum: oneOf('never', 'always', 'mix'),
  strikes: list(strike),
  requires: record<Requirements>({
    okOperations: whole,
    operationsDuringFaults: whole,
    faultsConfirmed: yesOrNo,
  }),
  deadlineMs: positive,
  stopsOnViolation: optional(yesOrNo),
  check: record<Plan['check']>({ seconds: positive, memoryBytes: positive }),
  again: text,
  versions: mapOf(text),
});

/** What is wrong though each field by itself is right. */
function contradictions({ phases, strikes }: Plan): readonly string[] {
  const main = phases[0];
  const problems: string[] = [];
  if (main?.name !== 'main') problems.push('phases: should begin with main');
  if (phases.length > 2 || (phases.length === 2 && phases[1]?.name !== 'final'))
    problems.push('phases: should be main, and final after it or nothing');
  if (strikes.length > 0 && main?.weather !== 'faulty')
    problems.push('phases[0].weather: should be faulty, because there are strikes');
  if (new Set(strikes.map(({ number }) => number)).size !== strikes.length)
    problems.push('strikes: should each have a number of its own');
  return problems;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'absent';
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
