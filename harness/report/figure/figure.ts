import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { element, hatch, picture } from '../svg.ts';
import { bar } from './bar.ts';
import { band } from './band.ts';
import { layOut, type Size } from './frame.ts';
import { gap } from './gap.ts';
import { lane } from './lane.ts';
import { possible } from './possible.ts';
import { ticks } from './ticks.ts';

/**
 * The counterexample drawn: clients as lanes, operations as bars from call to return, faults behind them, below what
 * the object can be, and in red the step for which nothing is left. Each bar carries its operation as data, so that
 * a test can give exactly what was drawn back to a checker.
 *
 * ```
 *                  ┌ partition n1 | n2 n3 ───────────────────┐
 *   client 33  ▬write 14▬                                    │
 *   client 24      │       ▬write 15 ok▬                     │
 *   client 5       │                   ◀─196 ms─▶ ▬read → 14▬
 *   x can be   14          ▒14 or 15▒   only 15        ✗
 * ```
 */
export function figure(proof: Proof, size: Size): Html {
  const frame = layOut(proof, size);
  const { operations, counterexample, object } = proof;
  const height = frame.bottom + (object === undefined ? 26 : size === 'wide' ? 58 : 74);
  const drawn = picture(
    frame.right + 14,
    height,
    `${operations.length} operations that cannot all be right. ${counterexample.anomaly.explanation}`,
    element('defs', {}, hatch(`hatch-${size}`, 6, ink('faint')), arrow(size)),
    counterexample.faults.map((fault, i) => band(fault, i, proof, frame)),
    [...frame.lane].map(([process, y]) => lane(process, y, proof, frame)),
    operations.map((operation) => bar(operation, proof, frame)),
    gap(proof, frame),
    ticks(proof, frame),
    possible(proof, frame),
  );
  return frame.broad
    ? html`<div class="broad" tabindex="0" role="group" aria-label="Counterexample, wider than the screen">
        ${drawn}
      </div>`
    : drawn;
}

function arrow(size: Size): Html {
  return html`<marker
    id="arrow-${size}"
    viewBox="0 0 8 8"
    refX="7"
    refY="4"
    markerWidth="7"
    markerHeight="7"
    orient="auto-start-reverse"
    ><path d="M0 0L8 4L0 8z" fill="${ink('bad')}"
  /></marker>`;
}
