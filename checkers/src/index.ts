export * from './checker.ts';
export * from './history.ts';
export * from './model.ts';
