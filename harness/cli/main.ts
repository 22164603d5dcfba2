import { run } from './program.ts';

/** For what is still being written. */
const lingerMs = 1_000;

process.exitCode = await run(process.argv.slice(2));
// A timer or a connection that a plug-in or an engine has left open keeps nobody waiting.
setTimeout(() => process.exit(), lingerMs).unref();
