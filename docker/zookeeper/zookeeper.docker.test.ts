import { dockerRuntime } from '../../harness/provision/docker.ts';
import { findGround } from '../../harness/provision/docker/ground.ts';
import { zookeeperConformance } from './conformance.ts';

zookeeperConformance(dockerRuntime, (await findGround()).unless, { thorough: false });
