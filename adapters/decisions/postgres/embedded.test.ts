import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { decisionsContract } from '@macadam/testing/decisions/contract';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { startEngine } from './engine.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

decisionsContract('embedded PostgreSQL', trialsOn(engine.address).open);
