import type { Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { appendList } from './append-list.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { lock } from './lock.ts';
import { multiRegister } from './multi-register.ts';
import { mutex } from './mutex.ts';
import { priorityQueue, queue, stack } from './queue.ts';
import { casRegister, register } from './register.ts';
import { set } from './set.ts';

type AnyModel = Model<Operations, unknown>;

/** The models of this package by their names: for command lines, for verdicts read back, and for workers. */
export const models: ReadonlyMap<string, AnyModel> = new Map(
  [
    register,
    casRegister,
    multiRegister,
    mutex,
    lock,
    set,
    queue,
    stack,
    priorityQueue,
    appendList,
    counter,
    kv,
  ]
    // Each has operations and states of its own; who looks one up by name knows no more than that it is a model.
    .map((model) => model as unknown as AnyModel)
    .map((model) => [model.name, model]),
);
