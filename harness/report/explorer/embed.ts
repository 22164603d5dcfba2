import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { Anomaly, History } from 'knossos-js';
import { leaves } from '../headline.ts';
import { html, type Html } from '../html.ts';
import { spellsOf } from '../nodes.ts';
import { faultToken, operationToken } from '../palette.ts';
import type { RunFiles } from '../run-files.ts';
import { faultName } from '../sentence.ts';
import type { Struck } from '../struck.ts';
import { keyName, name, value, visible } from '../words.ts';
import { columnNames, NOTHING, pack, WORD, type Columns } from './columns.ts';
import type { Manifest } from './manifest.ts';
import { packSurroundings } from './surroundings.ts';

/** The page's program: built from `page/` by `build.ts`, and held up to date by a test. */
export const explorerScript: string = readFileSync(new URL('./bundle.js.txt', import.meta.url), 'utf8');

/** More would make a file that no browser opens gladly. */
export const MOST_OPERATIONS = 1_200_000;
const MOST_ANOMALIES = 50;

/** The history, packed into templates that the explorer's program unpacks; a browser does nothing with them by itself. */
export function embed(
  run: RunFiles & { readonly history: History },
  faults: readonly Struck[],
  seconds: number,
): Html {
  const { columns, words } = columnsOf(run.history);
  const packed = pack(columns);
  const moments = [
    ...faults.flatMap(({ from, to = from }) => [from, to]),
    ...anomaliesOf(run).flatMap(({ operations }) =>
      operations.map((id) => (run.history.callTime[id] as number) / 1e9),
    ),
  ];
  const around = packSurroundings(run.plan.nodes, run.said ?? [], run.messages ?? [], moments);
  const manifest = { ...manifestOf(run, faults, seconds, words), around: around.about };
  return html`<template id="explorer-manifest">${inAscii(JSON.stringify(manifest))}</template
    >${columnNames.map((column) => template(column, packed[column]))}${template('letters', around.letters)}${template('lines', JSON.stringify(around.lines))}`;
}

function template(id: string, content: Uint8Array | string): Html {
  return html`<template id="explorer-${id}">${deflateRawSync(content).toString('base64')}</template>`;
}

/** Those that name operations of this history. */
function anomaliesOf({ result, history }: RunFiles & { readonly history: History }): readonly Anomaly[] {
  // What the page is about comes first: it is the one that is proved above.
  const shown = result.counterexample?.anomaly;
  const others = leaves(result.checks)
    .flatMap(({ anomalies }) => anomalies)
    .filter(({ kind, explanation }) => kind !== shown?.kind || explanation !== shown.explanation);
  return [...(shown ? [shown] : []), ...others]
    .filter(({ operations }) => operations.length > 0 && operations.every((id) => id < history.length))
    .slice(0, MOST_ANOMALIES);
}

function manifestOf(
  run: RunFiles & { readonly history: History },
  faults: readonly Struck[],
  seconds: number,
  words: readonly string[],
): Omit<Manifest, 'around'> {
  const { plan, history, marks } = run;
  return {
    length: history.length,
    seconds,
    clients: plan.clients,
    names: history.names.map((f) => name(f)),
    keys: history.keys.map((key) => keyName(key)),
    nodes: history.nodes.map((node) => name(node)),
    errors: history.errors.map((error) => name(error, 200)),
    words,
    tokens: history.names.map(operationToken),
    faults: faults
      .filter(({ inForce }) => inForce)
      .map((fault) => ({
        what: faultName(fault),
        token: faultToken(faultName(fault)),
        from: fault.from,
        to: fault.to ?? seconds,
      })),
    spells: spellsOf(marks, faults, seconds).map((spell) => ({
      ...spell,
      node: name(spell.node),
      says: name(spell.says),
    })),
    anomalies: anomaliesOf(run).map((anomaly) => ({
      kind: name(anomaly.kind, 80),
      explanation: visible(inWords(anomaly)),
      operations: anomaly.operations,
    })),
  };
}

/** As short as can be: of a circle, what each step rests on. */
function inWords({ cycle = [], inShort, explanation }: Anomaly): string {
  const steps = cycle.map(({ because }) => because).join('; ');
  return steps === '' ? (inShort ?? explanation) : `${steps}.`;
}

/** The table's columns in microseconds, with every value that is no number as a word of a dictionary. */
function columnsOf(history: History): { readonly columns: Columns; readonly words: readonly string[] } {
  const dictionary = new Map<string, number>();
  const word = (text: string): number => {
    const place = dictionary.get(text) ?? dictionary.size;
    dictionary.set(text, place);
    return WORD + place;
  };
  const shown = (code: number): number =>
    code === NOTHING || code < WORD ? code : word(value(history.values[code - WORD], 160));
  const { length } = history;
  const start = history.callTime.map((time) => Math.round(time / 1000));
  const input = Int32Array.from({ length });
  const second = new Int32Array(length).fill(NOTHING);
  for (let row = 0; row < length; row++) {
    const code = history.input[row] as number;
    const [first, other] = pair(code === NOTHING || code < WORD ? undefined : history.values[code - WORD]);
    input[row] = first ?? shown(code);
    second[row] = other ?? NOTHING;
  }
  const columns: Columns = {
    start,
    end: history.returnTime.map((time, i) => Math.max(Math.round(time / 1000), start[i] as number)),
    process: history.process,
    f: history.f,
    outcome: history.outcome,
    key: history.key,
    node: history.node,
    error: history.error,
    input,
    output: history.output.map(shown),
    second,
  };
  return { columns, words: [...dictionary.keys()] };
}

/** Both halves of a pair of numbers that are their own codes. */
function pair(of: unknown): readonly number[] {
  const isPair = Array.isArray(of) && of.length === 2;
  return isPair && of.every((part) => Number.isInteger(part) && Math.abs(part as number) < WORD)
    ? (of as number[])
    : [];
}

function inAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
