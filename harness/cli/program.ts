import { Command, CommanderError, Option } from 'commander';
import { LabrysError } from '../errors.ts';
import type { ExportOptions } from './commands/export.ts';
import { versionOf } from './version.ts';

/**
 * The command line. Each command lives in a file of its own and is loaded when it is asked for, so that `--help` answers
 * at once. What a person or a program reads as the result goes to stdout; progress goes to stderr.
 */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('labrys')
    .description(
      'Starts a real cluster, breaks it on purpose, and proves from the history which promises it kept.',
    )
    .version(versionOf(), '--version')
    .showHelpAfterError('Run with --help to see what it takes.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  const finish =
    <Args extends unknown[]>(command: (...args: Args) => Promise<number>) =>
    async (...args: Args): Promise<void> => {
      exitCode = await command(...args);
    };
  const common = (command: Command): Command =>
    command
      .option('--results <dir>', 'where runs are kept', 'results')
      .option('--json', 'print one JSON object, and nothing else, on stdout')
      .option('--quiet', 'print the result and nothing else')
      .option('--config <file>', 'what to read instead of labrys.config.ts, if that is there');

  common(program.command('test'))
    .description('Start a system, drive it, break it, judge it.')
    .argument('<system>', 'a system that `labrys list` shows, or the path of your own: ./my-system.ts')
    .option('-w, --workload <name>', 'how it is used, and the promises to hold it to', 'register')
    .option(
      '--nemesis <faults>',
      'what goes wrong: partition,kill,pause; name:variant for one kind of it; swarm, for some drawn from the seed; none',
      'none',
    )
    .option('--time <duration>', 'how long it is driven', '30s')
    .addOption(
      new Option('--runtime <where>', 'where the nodes live')
        .choices(['local', 'docker', 'ssh', 'sim'])
        .default('local'),
    )
    .option('--hosts <names>', 'with --runtime ssh: which of the machines in the configuration, db1,db2,db3')
    .option('--yes', 'with --runtime ssh: faults may be done to those machines')
    .option('--nodes <n>', 'how many nodes')
    .option('--clients <n>', 'how many clients ask at the same time')
    .option('--rate <n|max>', 'operations begun per second over all clients; max: as fast as replies come')
    .option('--seed <n>', 'draws the operations and the faults; without it, a fresh one')
    .option('--option <name=value>', 'set an option of the system (repeatable)', collect)
    .option('--with <name=value>', 'set an option of the workload (repeatable)', collect)
    .option('--bug <name>', 'plant one of the mistakes that the system offers')
    .addOption(
      new Option('--quorum <lost>', 'may faults take a majority down?')
        .choices(['never', 'always', 'mix'])
        .default('mix'),
    )
    .option('--stop-on-violation', 'watch what is promised while it runs, and end at the first violation')
    .option('--check-budget <duration>', 'how long the verdict may be sought', '60s')
    .addOption(
      new Option('--keep-data <when>', 'keep what the nodes have on their disks, in nodes/*/data of the run')
        .choices(['always', 'violation', 'never'])
        .default('violation'),
    )
    .addHelpText('after', examples)
    .action(
      finish(async (system: string, options: object) =>
        (await import('./commands/test.ts')).test(system, options),
      ),
    );

  common(program.command('check'))
    .description('Judge a recorded run, or a history file, again. Needs no cluster.')
    .argument('<run|file>', 'a folder in results/, or a history: .jsonl, .edn, .log, .txt')
    .option('--model <name>', 'the promise to hold a history file to')
    .option('--format <name>', 'how a history file is written, where it does not look like it')
    .option('--level <name>', 'the isolation level to hold a file of transactions to')
    .option('--k <versions>', 'with --model staleness: of how many last values a read must return one')
    .option('--delta-ms <ms>', 'with --model staleness: how much earlier reads may have to have begun')
    .option('--failed-cas <what>', 'what a failed compare-and-set means: refused, or did-not-happen')
    .option('--nil-read <what>', 'what a read of nil means: initial-value, or nothing-known')
    .option('--keyed', 'values of a file are pairs of a key and a value (Jepsen’s independent)')
    .option('--memory <MB>', 'how much the check of a file may hold')
    .option('--workers <n>', 'on how many threads a file is checked')
    .option('--proof', 'with --json: include the order that proves a valid file, however long')
    .option('--check-budget <duration>', 'how long the verdict may be sought', '10m')
    .action(
      finish(async (path: string, options: object) =>
        (await import('./commands/check.ts')).check(path, options),
      ),
    );

  common(program.command('report'))
    .description('Draw the reports of recorded runs again.')
    .argument('[runs...]', 'folders in results/; without any, all of them')
    .action(
      finish(async (runs: string[], options: object) =>
        (await import('./commands/report.ts')).report(runs, options),
      ),
    );

  common(program.command('compare'))
    .description('Draw two runs side by side.')
    .argument('<run>', 'a folder in results/')
    .argument('<other>', 'what to compare it with')
    .option('--to <file>', 'where to; by default into the results')
    .action(
      finish(async (run: string, other: string, options: object) =>
        (await import('./commands/compare.ts')).compare(run, other, options),
      ),
    );

  common(program.command('serve'))
    .description('Show all results in a browser, on this machine alone, and follow runs under way.')
    .option('--port <n>', 'the port on 127.0.0.1; 0 finds a free one', '4711')
    .action(finish(async (options: object) => (await import('./commands/serve.ts')).serve(options)));

  common(program.command('export'))
    .description('Write a run’s history for other tools: Jepsen, Knossos, Elle, Perfetto.')
    .argument('<run>', 'a folder in results/')
    .addOption(
      new Option('--as <format>', 'edn: for Jepsen, Knossos and Elle; perfetto: for ui.perfetto.dev')
        .choices(['edn', 'perfetto', 'jsonl'])
        .default('edn'),
    )
    .option('--key <key>', 'only this key’s operations, without it: what Knossos wants')
    .option('--to <file>', 'where to; by default into the run’s folder')
    .action(
      finish(async (run: string, options: ExportOptions) =>
        (await import('./commands/export.ts')).exportHistory(run, options),
      ),
    );

  common(program.command('list'))
    .description('Show the systems, workloads, faults, or recorded runs.')
    .argument('[what]', 'systems, workloads, faults or runs; without it, all but runs')
    .action(
      finish(async (what: string | undefined, options: object) =>
        (await import('./commands/list.ts')).list(what, options),
      ),
    );

  common(program.command('doctor'))
    .description('Say what this machine can do, what is missing, and what earlier runs have left on it.')
    .action(finish(async (options: object) => (await import('./commands/doctor.ts')).doctor(options)));

  common(program.command('clean'))
    .description('Remove what runs that were killed have left on this machine.')
    .argument('[run]', 'only what this run left; without it, what any dead run left')
    .option('--all', 'also what belongs to runs that still go on')
    .action(
      finish(async (run: string | undefined, options: object) =>
        (await import('./commands/clean.ts')).clean(run, options),
      ),
    );

  common(program.command('demo'))
    .description('Catch a planted bug in a real Raft, then see the correct one pass.')
    .action(finish(async (options: object) => (await import('./commands/demo.ts')).demo(options)));

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
    return complain(error, argv.includes('--json'));
  }
}

/** What a person can act on is said in three lines; anything else is a bug of ours, and says so. */
function complain(error: unknown, json: boolean): number {
  const known = error instanceof LabrysError;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const hint = known && error.hint !== undefined ? { hint: error.hint } : {};
    process.stdout.write(
      `${JSON.stringify({ schema: 'labrys/result@1', verdict: 'could-not-run', sentence: message, ...hint })}\n`,
    );
  }
  if (!known) {
    const stack = error instanceof Error ? (error.stack ?? message) : message;
    process.stderr.write(`labrys: this is a bug in Labrys, please report it with these lines:\n${stack}\n`);
    return 70;
  }
  process.stderr.write(`labrys: ${message}\n`);
  if ('lastLines' in error && (error.lastLines as string[]).length > 0)
    process.stderr.write(
      `  Its last lines:\n${(error.lastLines as string[]).map((line) => `    ${line}\n`).join('')}`,
    );
  if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`);
  return error.exitCode;
}

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

const examples = `
Examples:
  labrys test raft -w register --nemesis partition,kill,pause --time 60s
  labrys test raft --bug stale-read --nemesis partition:leader --seed 7
  labrys test etcd -w register --nemesis partition --runtime docker --option reads=serializable
  labrys test ./my-system.ts -w set --nemesis kill --nodes 5
  labrys test raft --runtime ssh --hosts db1,db2,db3 --nemesis partition,kill --yes

Exit codes: 0 every promise held · 1 violation · 2 undecided · 3 could not run · 64 wrong command line · 130 interrupted`;
