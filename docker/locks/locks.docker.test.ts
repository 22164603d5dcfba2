import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { locksConformance } from './conformance.ts';

// The one service whose image nothing else tests.
locksConformance(dockerRuntime, 'unique-index', { unless: (await findGround()).unless, size: 2 });
