import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { decisionsContract } from '../contract.ts';
import { startEngine } from './engine.ts';
import { trialFolder, trialsOn } from './trial.ts';

const root = trialFolder();
const engine = await startEngine(join(root, 'store'), { fleeting: true });
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

decisionsContract('embedded PostgreSQL', trialsOn(engine.address).open);
