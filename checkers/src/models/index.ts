export * from './append-list.ts';
export * from './counter.ts';
export * from './lock.ts';
export * from './multi-register.ts';
export * from './mutex.ts';
export { models } from './named.ts';
export * from './queue.ts';
export * from './register.ts';
export { set, type SetOps } from './set.ts';
