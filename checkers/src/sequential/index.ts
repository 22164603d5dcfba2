export { checkSequential, sequential, type SequentialOptions } from './sequential.ts';
