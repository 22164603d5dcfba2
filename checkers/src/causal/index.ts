export { causal, checkCausal, type CausalLevel, type CausalOptions } from './causal.ts';
