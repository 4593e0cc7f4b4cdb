/** How the new standard of the stories is stated in a folder, step by step. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Step } from './stories.ts';

/** How macadam.yaml states a step. Its days are long past, whatever day it is. */
export function rolloutAt(id: string, step: Step, team: string): Readonly<Record<string, object>> {
  const first = (days: object) => [{ name: 'first', owners: [team], ...days }];
  const stated: Readonly<Record<Step, object | null>> = {
    draft: null,
    'the first is warned': { state: 'observe', rings: first({ warn: '2020-01-01' }) },
    'the first is stopped': { state: 'warn', rings: first({ warn: '2020-01-01', enforce: '2020-01-02' }) },
    'everybody is stopped': { state: 'enforce' },
  };
  const own = stated[step];
  return own === null ? {} : { [id]: own };
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
