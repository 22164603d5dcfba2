import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { redisConformance } from './conformance.ts';

redisConformance(dockerRuntime, (await findGround()).unless);
