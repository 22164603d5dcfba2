import type { Plan } from '../plan/plan.ts';
import type { EvidenceLine } from '../record/result.ts';
import { struck, type RecordedFault } from './faults.ts';
import type { CutShort, Survey } from './survey.ts';
import { count, moment, plural } from './words.ts';

/** A line of the evidence table, and the sentence for a run that lacks it. */
export interface Finding extends EvidenceLine {
  readonly lack: string;
}

/**
 * Whether the test was worth anything. A system that answers nothing breaks no promise, and a fault that did not happen
 * provokes no mistake: a pass has to show that it could have failed.
 */
export function findings(plan: Plan, survey: Survey, cutShort: CutShort | undefined): Finding[] {
  const { requires } = plan;
  const { metrics, concurrency } = survey;
  // Of a run that never began, everything is missing, and only one line of it is news.
  if (cutShort?.why === 'failed' && metrics.operations === 0) return endFindings(survey, cutShort);
  return [
    // First: whatever else a run that was cut short lacks, it lacks because of that.
    ...endFindings(survey, cutShort),
    atLeast(
      'operations that succeeded',
      Math.max(1, requires.okOperations),
      metrics.ok,
      (seen, needed) => `${operations(seen)} succeeded, and a pass needs ${needed}.`,
    ),
    ...(plan.clients > 1
      ? [
          atLeast(
            'operations under way at the same time',
            2,
            concurrency,
            () => 'no two operations were ever under way at the same time.',
          ),
        ]
      : []),
    ...(plan.strikes.length > 0 ? faultFindings(plan, survey) : []),
    ...survey.sometimes.map(({ what, seen, because }) => ({
      what,
      required: 'at least once',
      seen: because ?? (seen ? 'yes' : 'never'),
      enough: seen,
      lack: because === undefined ? `it never happened that ${what}.` : `whether ${what}: ${because}.`,
    })),
  ];
}

function faultFindings({ requires }: Plan, { metrics, faults }: Survey): Finding[] {
  const hit = struck(faults);
  return [
    atLeast(
      'operations overlapping a fault',
      requires.operationsDuringFaults,
      metrics.overlappedFaults,
      (seen, needed) => `${operations(seen)} overlapped a fault, and a pass needs ${needed}.`,
    ),
    ...(requires.faultsConfirmed
      ? [
          {
            what: 'faults confirmed by a probe',
            required: 'all',
            seen: `${metrics.faultsConfirmed} of ${metrics.faults}${skipped(faults)}`,
            enough: hit.length > 0 && metrics.faultsConfirmed === hit.length,
            lack: unconfirmed(faults),
          },
        ]
      : []),
  ];
}

function skipped(faults: readonly RecordedFault[]): string {
  const some = faults.length - struck(faults).length;
  return some === 0 ? '' : `; ${some} found nothing to do`;
}

function unconfirmed(faults: readonly RecordedFault[]): string {
  const doubtful = faults.find(({ evidence }) => evidence.outcome === 'indeterminate');
  if (doubtful !== undefined && doubtful.evidence.outcome !== 'confirmed')
    return `no probe saw the ${doubtful.name} at ${moment(doubtful.from)} take effect: ${doubtful.evidence.because}.`;
  const first = faults.find(({ evidence }) => evidence.outcome === 'skipped');
  if (first !== undefined && first.evidence.outcome !== 'confirmed')
    return `none of ${plural(faults.length, 'fault')} found anything to do: ${first.evidence.because}.`;
  return 'faults were planned, and none struck.';
}

function endFindings({ crashes, coarse }: Survey, cutShort: CutShort | undefined): Finding[] {
  const why = cutShort?.message.replace(/\.$/, '') ?? '';
  return [
    {
      what: 'the run went to its end',
      required: 'yes',
      seen: cutShort === undefined ? 'yes' : `no: ${why}`,
      enough: cutShort === undefined,
      lack: `the run was cut short: ${why}.`,
    },
    // Nobody promised that nodes live, and late stamps can only hide a violation, never invent one. Both are told.
    ...crashes.map((crash) => note('a node died of itself', crash)),
    ...coarse.map((late) => note('operations were stamped in time', late)),
  ];
}

function note(what: string, seen: string): Finding {
  return { what, required: 'not asked', seen, enough: true, lack: '' };
}

function atLeast(
  what: string,
  needed: number,
  seen: number,
  lack: (seen: number, needed: string) => string,
): Finding {
  return {
    what,
    required: `≥ ${count(needed)}`,
    seen: count(seen),
    enough: seen >= needed,
    lack: lack(seen, count(needed)),
  };
}

const operations = (n: number): string => (n === 0 ? 'no operation' : plural(n, 'operation'));
