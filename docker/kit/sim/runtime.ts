import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint, Cluster, Node, Runtime } from '../../../harness/runtime.ts';
import type { Simulation } from '../../../harness/system.ts';
import { NodeError } from '../../../harness/errors.ts';
import type { MakeNode, Messages } from '../kit.ts';
import { runIn } from './loop.ts';
import type { Machine } from './machine.ts';
import { converse, measure } from './passage.ts';
import { timeOf } from './time.ts';
import { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';
import { World } from './world.ts';

/** The same contracts as with real nodes, kept under virtual time: the driver, the clients and the faults cannot tell. */
export function simulate(
  seed: number,
  make: MakeNode<Messages, Messages>,
  weather: Partial<Weather> = {},
): Simulation {
  const timeline = new Timeline();
  const runtime: Runtime = {
    name: 'sim',
    can: new Set(['kill', 'pause', 'cut', 'shape', 'clock']),
    through: {
      kill: 'the node is dropped, with what it had not synced',
      pause: 'the node is given nothing to do',
      cut: 'the link drops what is sent',
      shape: 'the link itself',
      clock: 'what the node is shown',
    },
    provision: async (blueprint) =>
      clusterOf(new World({ timeline, seed, nodes: blueprint.nodes, make, weather }), blueprint),
  };
  return { runtime, time: timeOf(timeline), run: (main) => runIn(timeline, main) };
}

function clusterOf(world: World, blueprint: Blueprint): Cluster {
  for (const machine of world.machines.values()) machine.start();
  const nodes = [...world.machines.values()].map((machine) => nodeOf(machine, world, blueprint));
  return {
    nodes,
    network: {
      setCuts: async (cuts) => world.setCuts(cuts),
      setShaping: async (links) => world.setShaping(links),
      probe: async (links) => links.map(({ from, to }) => world.link(from, to).carries),
      measure: (link, row) => measure(world, world.link(link.from, link.to), row),
      converse: (link, ms) => converse(world, world.link(link.from, link.to), ms),
    },
    [Symbol.asyncDispose]: async () => {
      for (const machine of world.machines.values()) machine.kill();
      writeDown(world, blueprint.folder);
    },
  };
}

function nodeOf(machine: Machine, world: World, blueprint: Blueprint): Node {
  const { id } = machine;
  const log = (action: string): void => blueprint.log({ node: id, action });
  return {
    name: id,
    address: (port) => `sim://${id}:${port}`,
    start: async () => {
      log('start');
      machine.start();
      if (!machine.up) throw new NodeError(id, 'its start threw', { lastLines: lastLines(20) });
    },
    kill: async () => {
      log('kill');
      machine.kill();
    },
    pause: async () => {
      log('pause');
      machine.pause();
    },
    resume: async () => {
      log('resume');
      machine.resume();
    },
    state: async () => (machine.up ? (machine.paused ? 'paused' : 'running') : 'dead'),
    clock: {
      set: async (clock, skew) => {
        blueprint.log({ node: id, action: 'skew', clock, skew });
        machine.skew(clock, skew);
      },
      read: async () =>
        machine.up
          ? [{ process: id, wall: machine.ahead('wall'), monotonic: machine.ahead('monotonic') }]
          : [],
    },
    lastLines,
    ask: (_process, f, key, value, signal) => world.ask(id, f, key, value, signal),
  };

  function lastLines(count = 20): readonly string[] {
    return (
      world.said
        .get(id)
        ?.slice(-count)
        .map(({ line }) => line) ?? []
    );
  }
}

/** What the nodes said and sent, into the run's folder. Synchronously: a simulated run may not wait for the real world. */
function writeDown(world: World, folder: string): void {
  for (const [id, said] of world.said) {
    const place = join(folder, 'nodes', id);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'stdout.log'), said.map(({ line }) => `${line}\n`).join(''));
    let stdout = 0;
    const times = said.map(({ at, line }) => {
      stdout += Buffer.byteLength(line) + 1;
      return `${JSON.stringify({ time: Math.round(at * 1e6), stdout, stderr: 0 })}\n`;
    });
    writeFileSync(join(place, 'times.jsonl'), times.join(''));
  }
  writeFileSync(join(folder, 'messages.jsonl'), world.post.text());
}
