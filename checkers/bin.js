#!/usr/bin/env node
import { main } from 'knossos-js/cli';

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
