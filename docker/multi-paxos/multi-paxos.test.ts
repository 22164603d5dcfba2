import { museumConformance } from '../kit/testing/museum-conformance.ts';
import museum from './museum.ts';
import system from './system.ts';

museumConformance(system, museum);
