import {
  monitor,
  type Anomaly,
  type Checker,
  type HistoryEvent,
  type Monitor,
  type Operations,
} from 'knossos-js';
import type { Time } from '../time.ts';
import type { Recorder } from './recorder.ts';

/** Those of some promises that can be watched while a run is under way. */
export function monitorsOf(checkers: readonly Checker<Operations>[]): readonly Monitor[] {
  return checkers.flatMap((checker) => {
    try {
      return [monitor(checker)];
    } catch (error) {
      if (error instanceof TypeError) return [];
      throw error;
    }
  });
}

/** What to do at the first violation, and with a monitor that gave up: the verdict is found from the history anyway. */
export interface Alarm {
  raise(anomaly: Anomaly): void;
  lost(reason: Error): void;
}

/** Records what it is told, and shows every event to the monitors until one of them raises a violation. */
export function watched(
  recorder: Recorder,
  monitors: readonly Monitor[],
  time: Pick<Time, 'now'>,
  alarm: Alarm,
): Recorder {
  let watching = [...monitors];
  const show = (event: HistoryEvent): number => {
    for (const each of watching) {
      const anomaly = seen(each, event);
      if (anomaly === undefined) continue;
      watching = [];
      alarm.raise(anomaly);
      break;
    }
    return event.index;
  };
  const seen = (each: Monitor, event: HistoryEvent): Anomaly | undefined => {
    try {
      return each.observe(event);
    } catch (reason) {
      watching = watching.filter((other) => other !== each);
      alarm.lost(reason as Error);
      return undefined;
    }
  };
  return {
    invoke: (process, node, f, key, value) => {
      const index = recorder.invoke(process, node, f, key, value);
      return show({
        index,
        time: time.now(),
        process,
        type: 'invoke',
        f,
        ...(key !== undefined && { key }),
        value,
      });
    },
    end: (process, type, f, key, value, error) => {
      const index = recorder.end(process, type, f, key, value, error);
      return show({
        index,
        time: time.now(),
        process,
        type,
        f,
        ...(key !== undefined && { key }),
        ...(type === 'ok' && { value }),
      });
    },
    mark: (name, what, extra) => recorder.mark(name, what, extra),
    close: () => recorder.close(),
  };
}
