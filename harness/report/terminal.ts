import { styleText } from 'node:util';
import type { Plan } from '../plan/plan.ts';
import type { Result } from '../record/result.ts';
import { extent, glyphOf, headline, leaves } from './headline.ts';
import { proofOf } from './proof.ts';
import { asides, stretches } from './sentence.ts';
import { textFigure, type Ink } from './text-figure.ts';
import { clip, count, name, plural, span, visible } from './words.ts';

export interface BlockOptions {
  readonly colour: boolean;
  /** Columns. Lines that may be cut at words are kept within; commands and paths, which are copied, are never cut. */
  readonly width: number;
  /** The run's folder as the reader would type it. Without it, `results/<run>`. */
  readonly folder?: string;
}

/** What `labrys test` and `labrys check` print at the end: the verdict, its proof, and what to do next. */
export function verdictBlock(plan: Plan, result: Result, options: BlockOptions): string {
  const paint = painter(options.colour);
  const width = Math.max(40, Math.min(options.width, 110));
  const blocks = [
    title(plan, result, paint, width),
    sentence(result, paint, width),
    figure(result, paint, width),
    promisesLine(result, paint, width),
    next(result, paint, options.folder ?? `results/${result.run}`),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

function painter(colour: boolean): Paint {
  return (style, text) => (colour && text !== '' ? styleText(style, text, { validateStream: false }) : text);
}

const titleInk: Record<Result['verdict'], Style> = {
  pass: ['bold', 'green'],
  violation: ['bold', 'red'],
  undecided: ['bold', 'yellow'],
  'could-not-run': ['bold', 'yellow'],
};

function title(plan: Plan, result: Result, paint: Paint, width: number): string[] {
  const { glyph, subject, says } = headline(plan, result);
  const left = `${glyph} ${subject} ${says}`;
  const aside = result.verdict === 'pass' ? 'in everything this run observed' : (result.because ?? '');
  const right = result.metrics.seconds > 0 ? span(result.metrics.seconds) : '';
  const room = width - left.length - right.length - 6;
  const said = room > 12 ? clip(visible(aside), room) : '';
  const fill = ' '.repeat(
    Math.max(2, width - left.length - right.length - (said === '' ? 0 : said.length + 2)),
  );
  return [
    `${paint(titleInk[result.verdict], left)}${said === '' ? '' : `  ${said}`}${fill}${right}`.trimEnd(),
  ];
}

function sentence(result: Result, paint: Paint, width: number): string[] {
  const more = asides(result, result.counterexample && proofOf(result.counterexample));
  const words = [
    ...stretches(result),
    ...(more.length > 0 ? [{ text: ` ${more.join(' ')}`, kind: 'plain' } as const] : []),
  ].flatMap(({ text, kind }) => text.split(/(?<= )/).map((word) => ({ word, kind })));
  const lines: string[] = [];
  let line = '';
  let length = 0;
  for (const { word, kind } of words) {
    if (length + word.trimEnd().length > width - 4 && length > 0) {
      lines.push(line);
      line = '';
      length = 0;
    }
    line += kind === 'wrong' ? paint(['bold', 'red'], word) : kind === 'name' ? paint('bold', word) : word;
    length += word.length;
  }
  return [...lines, line].map((text) => `  ${text.trimEnd()}`);
}

const inks: Record<Ink, Style | undefined> = {
  plain: undefined,
  quiet: 'dim',
  operation: 'magenta',
  fault: 'yellow',
  good: 'green',
  bad: 'red',
  worst: ['bold', 'red'],
};

function figure(result: Result, paint: Paint, width: number): string[] {
  const proof = result.counterexample && proofOf(result.counterexample);
  if (proof === undefined) return [];
  return textFigure(proof, width).map((line) => {
    const last = line.findLastIndex(({ text }) => text.trim() !== '');
    return line
      .slice(0, last + 1)
      .map(({ text, ink }, i) => {
        const style = inks[ink];
        const shown = i === last ? text.trimEnd() : text;
        return style === undefined ? shown : paint(style, shown);
      })
      .join('');
  });
}

function promisesLine(result: Result, paint: Paint, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let length = 0;
  for (const verdict of leaves(result.checks)) {
    const style = verdict.valid === true ? 'green' : verdict.valid === false ? 'red' : 'yellow';
    const promise = name(verdict.checker, 60);
    const more = extent(verdict);
    const plain = `${glyphOf(verdict.valid)} ${promise}${more === '' ? '' : `  ${more}`}`;
    if (length > 0 && length + plain.length + 2 > width) {
      lines.push(line);
      line = '';
      length = 0;
    }
    const painted =
      verdict.valid === true
        ? `${paint(style, '✓')} ${promise}`
        : `${paint(style, `${glyphOf(verdict.valid)} ${promise}`)}${more === '' ? '' : `  ${more}`}`;
    line += `${length === 0 ? '  ' : '   '}${painted}`;
    length += plain.length + 3;
  }
  if (line !== '') lines.push(line);
  return [...lines, ...numbers(result), ...missing(result, paint)];
}

function numbers({ metrics }: Result): string[] {
  const { operations, ok, failed, unknown, overlappedFaults, faults, faultsConfirmed } = metrics;
  if (operations === 0) return [];
  const struck =
    faults === 0
      ? 'No fault was injected.'
      : `${count(overlappedFaults)} overlapped a fault. ${faultsConfirmed} of ${plural(faults, 'fault')} confirmed.`;
  return [
    `  ${count(operations)} operations: ${count(ok)} ok, ${count(failed)} failed, ${count(unknown)} unknown. ${struck}`,
  ];
}

/** The evidence that was asked for and is not there. Of a run that could not be made, none is, and its sentence says why. */
function missing(result: Result, paint: Paint): string[] {
  if (result.verdict === 'could-not-run') return [];
  return result.evidence
    .filter(({ enough }) => !enough)
    .map(
      ({ what, required, seen }) =>
        `  ${paint('yellow', '!')} ${visible(what)}: ${visible(seen)}, required ${visible(required)}`,
    );
}

function next(result: Result, paint: Paint, folder: string): string[] {
  const place = visible(folder.replace(/\/$/, ''));
  const report = result.files['report'];
  const rows: [string, string][] = [];
  rows.push(report === undefined ? ['results', place] : ['report', `${place}/${visible(report)}`]);
  if (result.verdict !== 'pass' && result.reproduce !== '')
    rows.push([
      result.verdict === 'could-not-run' ? 'try again' : 'reproduce',
      paint('blue', visible(result.reproduce)),
    ]);
  if (result.verdict !== 'pass' && result.verdict !== 'could-not-run' && result.recheck !== '')
    rows.push(['re-check', paint('blue', visible(result.recheck))]);
  return rows.map(([label, text]) => `  ${label.padEnd(12)}${text}`);
}
