import { styleText } from 'node:util';
import type { Progress } from '../drive/request.ts';

/**
 * What a run says while it goes on, on stderr: a live view on a terminal, a line every ten seconds elsewhere, nothing
 * when it is told to be quiet.
 */
export interface Screen extends AsyncDisposable {
  say(line: string): void;
  progress(now: Progress): void;
}

export async function openScreen(options: { readonly quiet: boolean }): Promise<Screen> {
  if (options.quiet) return { say: () => {}, progress: () => {}, [Symbol.asyncDispose]: async () => {} };
  return process.stderr.isTTY ? liveScreen() : lineScreen();
}

const lineSeconds = 10;

function lineScreen(): Screen {
  let next = 0;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    say,
    progress: (now) => {
      if (now.seconds < next) return;
      next = now.seconds + lineSeconds;
      say(plain(now));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** What was said stands above the view, and stays. */
async function liveScreen(): Promise<Screen> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(process.stderr, { showCursor: true });
  let shown = '';
  return {
    say: (line) => {
      update.clear();
      process.stderr.write(`${line}\n`);
      if (shown) update(shown);
    },
    progress: (now) => update((shown = live(now))),
    [Symbol.asyncDispose]: async () => {
      update.clear();
      update.done();
    },
  };
}

const plain = (now: Progress): string =>
  `${clock(now)}  ${now.stage}  ${now.ok} ok, ${now.failed} failed, ${now.unknown} unknown` +
  (now.faults.length > 0 ? `  ⚡ ${now.faults.join(' · ')}` : '');

function live(now: Progress): string {
  const faults =
    now.faults.length > 0
      ? styleText('yellow', `⚡ ${now.faults.join(' · ')}`)
      : styleText('dim', 'no fault in force');
  const counts = [
    styleText('green', `${now.ok} ok`),
    `${now.failed} failed`,
    styleText(now.unknown > 0 ? 'yellow' : 'dim', `${now.unknown} unknown`),
    styleText('dim', `${now.underWay} under way, ${Math.round(now.ok / Math.max(1, now.seconds))} ok/s`),
  ];
  const keys = styleText('dim', 'Ctrl-C: stop, and judge what was recorded');
  return `\n  ${clock(now)}  ${now.stage}\n  ${counts.join('   ')}\n  ${faults}\n  ${keys}\n`;
}

const clock = ({ seconds }: Progress): string => `${seconds.toFixed(0).padStart(4)} s`;
