import type { Evidence, Fault, Injection } from '../harness/fault.ts';
import { evidenceOfState, indeterminate, messageOf } from './evidence.ts';
import { nothing } from './heal.ts';
import { BrokenOff, openStage, type Stage } from './stage.ts';
import { already } from './targets.ts';

export type { Stage, Undo } from './stage.ts';

/**
 * # Scenarios
 *
 * A fault is struck and, some time later, healed. A scenario is a story of several, and what comes next depends on what
 * has happened: cut the leader off, wait until another one leads, kill that one, heal. It is written as code:
 *
 * ```ts
 * export default scenario({
 *   name: 'leader-chase',
 *   about: 'cuts the leader off, and kills the one that follows it',
 *   needs: ['cut', 'kill'],
 *   takesMs: 5000,
 *   async play(stage) {
 *     const first = await stage.leader();
 *     await stage.cut(stage.around(first));
 *     const second = await stage.leader(stage.nodes.filter((node) => node !== first));
 *     await stage.kill(second);
 *     await stage.sleep(1000);
 *   },
 * });
 * ```
 *
 * Whatever is done on the stage is undone when the play is over, also when it is broken off; a play may undo things
 * sooner. Every step is written into the history, and whether it took effect is probed while the play goes on.
 */
export interface Play {
  readonly name: string;
  /** One line for `labrys list`. */
  readonly about: string;
  readonly needs: Fault['needs'];
  /** Without any, there is one: `played`. */
  readonly variants?: readonly string[];
  /** How long it usually takes, so that it is not asked for more often. No play may take more than 25 seconds. */
  readonly takesMs: number;
  play(stage: Stage, variant: string): Promise<void>;
}

/** A scenario is a fault that is over when it has been injected. */
export function scenario({ name, about, needs, variants = ['played'], takesMs, play }: Play): Fault {
  return {
    name,
    about,
    proof: 'each step is probed while the play goes on',
    needs,
    variants,
    takesMs,
    async inject(field, variant): Promise<Injection> {
      // What a play takes, and when, only the play knows.
      if (field.quorum === 'never' && field.losses.length > 0)
        return nothing(`a majority has to stay up, ${already(field)}`);
      const { stage, clear, seen, hit } = await openStage(field, needs);
      let broken: Evidence | undefined;
      try {
        await play(stage, variant);
      } catch (error) {
        const because = `${name}: ${messageOf(error)}`;
        broken = error instanceof BrokenOff ? { outcome: 'skipped', because } : indeterminate(because);
      }
      const left = await clear();
      const nodes = [...hit];
      return {
        what: nodes.join(' ') || 'nothing',
        nodes,
        evidence: left.length > 0 ? indeterminate(`not undone: ${left.join('; ')}`) : (broken ?? seen()),
        over: left.length === 0,
        heal: async () => {
          const still = await clear();
          if (still.length > 0) throw new Error(still.join('; '));
          return broken ? undefined : await evidenceOfState(field.time, field.nodes, 'running');
        },
      };
    },
  };
}
