import { chart } from '../chart/chart.ts';
import { html, type Html } from '../html.ts';
import { courseOf, lastsSeconds, type Course } from '../measure.ts';
import { spellsOf } from '../nodes.ts';
import type { RunFiles } from '../run-files.ts';
import { struckBy } from '../struck.ts';

/** Both runs over time, below each other on the same axes, so that the same height is the same throughput. */
export function courses(a: RunFiles, b: RunFiles): Html {
  const runs = [a, b] as const;
  const seconds = Math.max(0.001, ...runs.map(({ history }) => (history ? lastsSeconds(history) : 0)));
  const steps = [
    ['wide', 240],
    ['narrow', 80],
  ] as const;
  return html`<section class="card" id="time">
    <h2>Over time <small>one axis of time, one scale of throughput; A above, B below</small></h2>
    ${steps.map(([size, count]) => {
      const course = runs.map(({ history }) => history && courseOf(history, seconds, count));
      const tallest = Math.max(1, ...course.flatMap((of) => (of === undefined ? [] : heights(of))));
      return html`<figure class="${size}" ${size === 'narrow' && html` hidden`}>
        ${runs.map((run, i) => drawn(run, course[i], tallest, seconds, size, i))}
      </figure>`;
    })}
  </section>`;
}

function drawn(
  { marks, plan, gap }: RunFiles,
  course: Course | undefined,
  tallest: number,
  seconds: number,
  size: 'wide' | 'narrow',
  at: number,
): Html {
  if (course === undefined)
    return html`<p class="empty">${'AB'[at]}: ${gap ?? 'No operation was recorded.'}</p>`;
  const struck = struckBy(marks);
  const faults = struck.filter(({ inForce }) => inForce);
  return html`<p class="side-name"><b>${'AB'[at]}</b></p>
    ${chart(
      {
        course: { ...course, tallest },
        faults,
        spells: spellsOf(marks, struck, seconds),
        nodes: plan.nodes.length <= 9 ? plan.nodes : [],
        anomalies: [],
        id: `${size}-${at}`,
      },
      size,
    )}`;
}

function heights({ ok, failed, unknown }: Course): number[] {
  return Array.from(ok, (rate, i) => rate + (failed[i] as number) + (unknown[i] as number));
}
