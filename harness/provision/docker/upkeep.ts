import type { Upkeep } from '../../runtime.ts';
import { diagnose } from './diagnose.ts';
import { leftovers } from './leftovers.ts';

/** What runs leave on an engine, and what it can do. */
export const dockerUpkeep: Upkeep = { leftovers, diagnose };
