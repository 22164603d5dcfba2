import type { Mark } from 'knossos-js';
import type { Evidence } from '../fault.ts';
import type { DrawnFault } from '../record/result.ts';

/** A fault as the history tells it: a mark that carries evidence begins it, and the mark that names that one ends it. */
export interface RecordedFault extends DrawnFault {
  readonly evidence: Evidence;
}

/**
 * The faults of a run in order of their beginning; those that found nothing to do included. A fault is drawn from when it
 * was begun until its heal was seen to work, for in between it may be in force.
 */
export function faultsOf(marks: readonly Mark[]): RecordedFault[] {
  const ended = new Map<number, number>();
  for (const { ends, time } of marks) if (ends !== undefined && !ended.has(ends)) ended.set(ends, time);
  return marks.flatMap(({ index, name: role, what, nodes = [], time, ends, details = {} }) => {
    const { evidence, fault, since } = details;
    if (!isEvidence(evidence) || ends !== undefined) return [];
    const name = typeof fault === 'string' ? fault : role;
    const from = typeof since === 'number' ? since : time;
    // One that could not be injected was over when that was found out.
    const to = ended.get(index) ?? (role === 'failed' ? time : undefined);
    return [
      {
        name,
        what: what.startsWith(`${name} `) ? what.slice(name.length + 1) : what,
        nodes,
        from: from / 1e9,
        ...(to !== undefined && { to: to / 1e9 }),
        evidence,
      },
    ];
  });
}

/** Faults that were tried and, as far as is known, took effect. */
export function struck(faults: readonly RecordedFault[]): RecordedFault[] {
  return faults.filter(({ evidence }) => evidence.outcome !== 'skipped');
}

function isEvidence(value: unknown): value is Evidence {
  const { outcome, how, because } = (value ?? {}) as Record<string, unknown>;
  if (outcome === 'confirmed') return typeof how === 'string';
  return (outcome === 'skipped' || outcome === 'indeterminate') && typeof because === 'string';
}
