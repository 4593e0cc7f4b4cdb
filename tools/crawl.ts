/**
 * Follows every link of every page of a running server, by HTTP: that each leads somewhere, that anchors are there, and that each figure is
 * the length of the list that it leads to.
 *
 *     npm run crawl -- LINK [--per-shape N] [--turned N] [--from PATH]
 *
 * LINK is the one that the server prints, which logs in once. Of each shape (a route with the same names in its query) N pages are visited, 12
 * where nothing is said: assets, weeks and orders of a list multiply, and the functions behind them do not. Shapes of which there were more
 * are said; exit code 1 where something is wrong.
 */
import { parseArgs } from 'node:util';
import { type CrawlAnswer, crawl } from '@macadam/testing/server/crawl';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'per-shape': { type: 'string', default: '12' },
    turned: { type: 'string', default: '5' },
    from: { type: 'string', multiple: true, default: ['/'] },
  },
});
const [link] = positionals;
if (link === undefined) throw new Error('name the link that a running server prints');

const entered = await fetch(link, { redirect: 'manual' });
const cookie = entered.headers
  .getSetCookie()
  .map((one) => one.split(';')[0])
  .join('; ');
if (cookie === '') throw new Error(`${link} logs nobody in (answer ${entered.status}); each link does once`);

async function ask(path: string): Promise<CrawlAnswer> {
  const answer = await fetch(new URL(path, link), {
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    location: answer.headers.get('location'),
    body: await answer.text(),
  };
}

/** Said now and then, so that whoever waits sees that it goes on. */
const EVERY = 100;
const found = await crawl({
  ask,
  starts: values.from,
  perShape: Number(values['per-shape']),
  turned: Number(values.turned),
  progress: (visited, path) => {
    if (visited % EVERY === 0) process.stderr.write(`${visited} pages, now ${path}\n`);
  },
});
for (const fault of found.faults) process.stdout.write(`✗ ${fault}\n`);
for (const shape of [...found.cut].toSorted())
  process.stdout.write(
    `– more pages of ${shape} than the ${found.shapes.get(shape) ?? 0} that were visited\n`,
  );
process.stdout.write(
  `${found.pages} pages of ${found.shapes.size} shapes, ${found.figures} figures held against their lists, ${found.faults.length} faults\n`,
);
process.exitCode = found.faults.length > 0 ? 1 : 0;
