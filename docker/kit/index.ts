/** What a protocol is written against: `import { NotApplied, type Host } from 'labrys/kit'`. */
export * from './kit.ts';
