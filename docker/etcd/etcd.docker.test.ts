import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { etcdConformance } from './conformance.ts';

etcdConformance(dockerRuntime, (await findGround()).unless);
