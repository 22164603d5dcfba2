import type { Mark } from 'knossos-js';
import type { DrawnOperation } from '../record/result.ts';
import { html, type Html } from './html.ts';
import { replyOf, type Proof } from './proof.ts';
import { faultName } from './sentence.ts';
import { asked, keyName, moment, name, observes, plural, span } from './words.ts';

/** One step of the story that the figure tells, for those who would rather read it. */
export interface Step {
  readonly at: number;
  readonly text: Html;
  /** The step that cannot be. */
  readonly impossible?: boolean;
}

export function stepsOf(proof: Proof, marks: readonly Mark[]): Step[] {
  const { counterexample, operations, impossible } = proof;
  const end = impossible.return ?? impossible.call;
  const faults = counterexample.faults.flatMap((fault): Step[] => [
    ...(fault.from <= end ? [{ at: fault.from, text: html`Fault: <b>${faultName(fault)}</b> begins.` }] : []),
    ...(fault.to !== undefined && fault.to <= end
      ? [{ at: fault.to, text: html`Fault: <b>${faultName(fault)}</b> is healed.` }]
      : []),
  ]);
  return [
    ...faults,
    ...seen(marks, operations[0]?.call ?? 0, end),
    ...operations.map((operation) => stepOf(operation, proof)),
  ].toSorted((a, b) => a.at - b.at);
}

/** What a scenario did meanwhile, and who was seen to lead, or to stop; the last few, where that went on and on. */
function seen(marks: readonly Mark[], from: number, to: number): Step[] {
  const since = marks.filter(({ time }) => time >= from * 1e9 && time <= to * 1e9);
  const last = (kind: string, most: number): Mark[] =>
    since.filter((mark) => mark.name === kind).slice(-most);
  return [
    ...last('role', 4).map(({ time, what: says }) => ({
      at: time / 1e9,
      text: html`Seen: ${name(says, 80)}.`,
    })),
    ...last('step', 16).map(({ time, what: says }) => ({
      at: time / 1e9,
      text: html`Fault: ${name(says, 80)}.`,
    })),
  ];
}

/** What follows from all the steps together. */
export function conclusion({ operations, counterexample }: Proof, sentence: string): Html {
  const { explanation } = counterexample.anomaly;
  const only =
    operations.length === 1
      ? 'This operation alone is'
      : `These ${plural(operations.length, 'operation')} alone are`;
  return html`${only} enough: there is no order in which all the answers are
  right.${explanation !== sentence && ` ${explanation}`}`;
}

function stepOf(operation: DrawnOperation, proof: Proof): Step {
  if (operation === proof.impossible)
    return { at: operation.call, text: culprit(operation, proof), impossible: true };
  if (operation.outcome === 'info' || operation.return === undefined)
    return {
      at: operation.call,
      text: html`Client ${operation.process} asks${at(operation)} for ${what(operation)} and gets no answer.
      It may have taken effect at any time since.${then(operation, proof)}`,
    };
  return { at: operation.return, text: html`${told(operation, proof)}.${then(operation, proof)}` };
}

/** `Client 24 gets ok for write x246 := 15 from n5` */
function told(operation: DrawnOperation, proof: Proof): Html {
  const reply = replyOf(proof, operation);
  const node = operation.node === undefined ? '' : html` from <b>${name(operation.node)}</b>`;
  return operation.f === 'read'
    ? html`Client ${operation.process} reads${key(operation)}${node} and gets <b>${reply}</b>`
    : html`Client ${operation.process} gets <b>${reply}</b> for ${what(operation)}${node}`;
}

function culprit(operation: DrawnOperation, proof: Proof): Html {
  return html`${told(operation, proof)}${origin(operation, proof)}.${apart(proof)}`;
}

/** Where the value that it returned came from. */
function origin(operation: DrawnOperation, { operations, decimals }: Proof): Html | '' {
  const returned = JSON.stringify(operation.output);
  const source = operations.find((other) => other !== operation && JSON.stringify(other.input) === returned);
  if (returned === undefined || !observes(operation)) return '';
  if (source === undefined)
    return operation.f === 'read' && operation.output !== null && !Array.isArray(operation.output)
      ? html`, which none of these operations had written`
      : '';
  if (operation.return !== undefined && source.call > operation.return)
    return html`, ${span(source.call - operation.return)} before client ${source.process} began
    ${what(source)}`;
  if (source.return === undefined)
    return html`, the value of client ${source.process}’s unanswered ${name(source.f)}`;
  return html`, the value of client ${source.process}’s ${name(source.f)} that completed at
  ${moment(source.return, decimals)}`;
}

/** How long after what it contradicts it was asked for. */
function apart({ against }: Proof): Html | '' {
  if (against?.relation !== 'later') return '';
  const { process } = against.operation;
  return html` It was asked ${span(against.to - against.from)} after client ${process}’s
  ${what(against.operation)} had completed.`;
}

/** What the object can be from here on, where this step changed that. */
function then(operation: DrawnOperation, { object, moments }: Proof): Html | '' {
  const here = moments.findIndex(({ cause }) => cause.operation === operation && cause.edge === 'return');
  const i = here < 0 ? moments.findIndex(({ cause }) => cause.operation === operation) : here;
  const now = moments[i];
  if (object === undefined || now === undefined) return '';
  const before = moments.findLast(({ cause }, j) => j < i && cause.operation !== operation);
  if (
    before !== undefined &&
    [...before.states].toSorted().join('\n') === [...now.states].toSorted().join('\n')
  )
    return '';
  return html` From here on ${object.subject} can be ${object.show(now.states, 40)}.`;
}

/** `write 15 to x246`, `cas 3 → 4 on x246`. */
function what(operation: DrawnOperation): Html {
  if (operation.key === undefined) return html`<code>${asked(operation)}</code>`;
  const joint = operation.f === 'write' ? 'to' : operation.input === undefined ? '' : 'on';
  return html`<code>${[asked(operation), joint, keyName(operation.key)].filter(Boolean).join(' ')}</code>`;
}

function key(operation: DrawnOperation): Html | '' {
  return operation.key === undefined ? '' : html` <code>${keyName(operation.key)}</code>`;
}

function at(operation: DrawnOperation): Html | '' {
  return operation.node === undefined ? '' : html` <b>${name(operation.node)}</b>`;
}
