import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { redisClusterConformance } from './conformance.ts';

redisClusterConformance(dockerRuntime, (await findGround()).unless, { thorough: false });
