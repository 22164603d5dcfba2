import type { Architecture } from './architecture.ts';
import { arm64 } from './arm64.ts';
import { x64 } from './x64.ts';

export const architectures: readonly Architecture[] = [x64, arm64];
