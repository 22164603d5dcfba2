import { UsageError } from '../errors.ts';
import type { System } from '../system.ts';

/** `name=value` pairs as given, each checked against what may be set. */
export function pairs(flag: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`${flag} ${JSON.stringify(pair)}: should be name=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** The system's options: its defaults, overridden by what was asked. */
export function systemOptions(
  { name, options = {} }: System,
  asked: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const [option, value] of Object.entries(asked)) {
    // Which files faults damage; of every system.
    if (option === 'files') continue;
    const known = options[option];
    if (known === undefined)
      throw new UsageError(`${name} has no option ${JSON.stringify(option)}`, {
        hint: oneOf(Object.keys(options)),
      });
    if (known.choices !== undefined && !known.choices.includes(value))
      throw new UsageError(`${name}: option ${option} cannot be ${JSON.stringify(value)}`, {
        hint: oneOf(known.choices),
      });
  }
  return {
    ...Object.fromEntries(Object.entries(options).map(([option, { default: usual }]) => [option, usual])),
    ...asked,
  };
}

/** The workload's options: numbers stay numbers, as its defaults say. */
export function workloadOptions(
  workload: { readonly name: string; readonly defaults: Readonly<Record<string, unknown>> },
  asked: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const options: Record<string, unknown> = { ...workload.defaults };
  for (const [option, text] of Object.entries(asked)) {
    if (!(option in options))
      throw new UsageError(`the workload ${workload.name} has no option ${JSON.stringify(option)}`, {
        hint: oneOf(Object.keys(options)),
      });
    options[option] = like(options[option], text, `--with ${option}=${text}`);
  }
  return options;
}

function like(usual: unknown, text: string, given: string): unknown {
  if (typeof usual === 'number') return wholeOrFraction(given, text);
  if (typeof usual !== 'boolean') return text;
  if (text !== 'true' && text !== 'false') throw new UsageError(`${given}: should be true or false`);
  return text === 'true';
}

function wholeOrFraction(given: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number))
    throw new UsageError(`${given}: ${JSON.stringify(text)} is not a number`);
  return number;
}

/** A whole number within limits, or a message that names the flag and the limits. */
export function whole(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw new UsageError(`${flag} ${text}: should be a whole number from ${least} to ${most}`);
  return number;
}

export const oneOf = (names: readonly string[]): string =>
  names.length === 0 ? 'There are none.' : `There are: ${names.join(', ')}.`;
