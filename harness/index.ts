/** What a plug-in is written against: `import { defineSystem, clientFor } from 'labrys'`. */
export * from './client.ts';
export * from './config.ts';
export * from './errors.ts';
export * from './fault.ts';
export * from './quorum.ts';
export * from './random.ts';
export * from './runtime.ts';
export * from './settings.ts';
export * from './system.ts';
export * from './time.ts';
export * from './workload.ts';
