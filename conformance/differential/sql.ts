import type { Engine } from './case.ts';

export function openSql(): Promise<Engine> {
  throw new Error('not there yet');
}
