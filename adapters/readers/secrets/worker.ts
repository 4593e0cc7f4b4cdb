/** A thread that searches what it is given, a part at a time. */
import { enableCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';

enableCompileCache();
const { searchTask } = await import('./searcher.ts');
parentPort?.on('message', (task: Parameters<typeof searchTask>[0]) => {
  parentPort?.postMessage(searchTask(task));
});
