import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { serfConformance } from './conformance.ts';

serfConformance(dockerRuntime, (await findGround()).unless);
