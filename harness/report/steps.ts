import type { DrawnOperation } from '../record/result.ts';
import { html, type Html } from './html.ts';
import { replyOf, type Proof } from './proof.ts';
import { faultName } from './sentence.ts';
import { asked, keyName, moment, name, plural, span } from './words.ts';

/** One step of the story that the figure tells, for those who would rather read it. */
export interface Step {
  readonly at: number;
  readonly text: Html;
  /** The step that cannot be. */
  readonly impossible?: boolean;
}

export function stepsOf(proof: Proof): Step[] {
  const { counterexample, operations, impossible } = proof;
  const end = impossible.return ?? impossible.call;
  const faults = counterexample.faults.flatMap((fault): Step[] => [
    ...(fault.from <= end ? [{ at: fault.from, text: html`Fault: <b>${faultName(fault)}</b> begins.` }] : []),
    ...(fault.to !== undefined && fault.to <= end
      ? [{ at: fault.to, text: html`Fault: <b>${faultName(fault)}</b> is healed.` }]
      : []),
  ]);
  return [...faults, ...operations.map((operation) => stepOf(operation, proof))].toSorted(
    (a, b) => a.at - b.at,
  );
}

/** What follows from all the steps together. */
export function conclusion(proof: Proof): Html {
  const { operations, counterexample } = proof;
  const only =
    operations.length === 1
      ? 'This operation alone is'
      : `These ${plural(operations.length, 'operation')} alone are`;
  return html`${only} enough: there is no order in which all the answers are right.
  ${counterexample.anomaly.explanation}`;
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
  const { against, decimals } = proof;
  const returned = operation.return === undefined ? '' : html`, at ${moment(operation.return, decimals)}`;
  const source = proof.operations.find(
    (other) =>
      other !== operation &&
      other.input !== undefined &&
      JSON.stringify(other.input) === JSON.stringify(operation.output),
  );
  const origin =
    source === undefined
      ? ''
      : source.call > (operation.return ?? Infinity)
        ? html`, but client ${source.process} begins ${what(source)} only
          ${span(source.call - (operation.return ?? 0))} later`
        : html`, what client ${source.process}
          wrote${source.return === undefined ? '' : html` by ${moment(source.return, decimals)}`}`;
  const apart =
    against?.relation === 'later'
      ? html` It asked ${span(against.to - against.from)} after client ${against.operation.process} had been
        answered.`
      : '';
  return html`${told(operation, proof)}${returned}${origin}.${apart}`;
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

function what(operation: DrawnOperation): Html {
  return html`<code
    >${asked(operation)}${operation.key === undefined ? '' : ` on ${keyName(operation.key)}`}</code
  >`;
}

function key(operation: DrawnOperation): Html | '' {
  return operation.key === undefined ? '' : html` <code>${keyName(operation.key)}</code>`;
}

function at(operation: DrawnOperation): Html | '' {
  return operation.node === undefined ? '' : html` <b>${name(operation.node)}</b>`;
}
