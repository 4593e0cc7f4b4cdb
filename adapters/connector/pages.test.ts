import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector, ConnectorRequest } from './connector.ts';
import type { RequestOutcome } from './outcome.ts';
import { type ListPage, nextOf, pagesOf } from './pages.ts';

function answer(body: unknown, link?: string, outcome: 'ok' | 'not-modified' = 'ok'): RequestOutcome {
  return { outcome, status: 200, headers: new Headers(link === undefined ? {} : { link }), body };
}

function scripted(
  answers: (request: ConnectorRequest) => RequestOutcome,
): Connector & { asked: ConnectorRequest[] } {
  const asked: ConnectorRequest[] = [];
  return {
    origin: 'https://host.example',
    asked,
    async request(request) {
      asked.push(request);
      return answers(request);
    },
    spent: () => ({ sent: asked.length, counted: asked.length }),
  };
}

async function all(pages: AsyncIterable<ListPage>): Promise<ListPage[]> {
  return Array.fromAsync(pages);
}

test('the next page is found among the relations of a Link header', () => {
  assert.equal(nextOf('<https://a/?p=1>; rel="prev", <https://a/?p=3>; rel="next"'), 'https://a/?p=3');
  assert.equal(nextOf('<https://a/?q=x,y;z>; title="next"; rel="last next"'), 'https://a/?q=x,y;z');
  assert.equal(nextOf('<https://a/?p=1>; rel="nextish"'), undefined);
  assert.equal(nextOf(null), undefined);
});

test('pages are read to the end, and a loop is a failure after what was read', async () => {
  const whole = scripted(({ path }) => (path === '/a' ? answer([1, 2], '</b>; rel="next"') : answer([3])));
  assert.deepEqual(await all(pagesOf({ connector: whole, first: '/a', size: 2 })), [
    { items: [1, 2], next: '/b' },
    { items: [3] },
  ]);

  const loop = scripted(({ path }) => answer([path], path === '/a' ? '</b>; rel=next' : '</a>; rel=next'));
  const pages = await all(pagesOf({ connector: loop, first: '/a', size: 1 }));
  assert.deepEqual(pages.at(-1), {
    stopped: { outcome: 'failed', code: 'paging-loop', message: 'its pages lead back to one another' },
  });
  assert.equal(loop.asked.length, 2);
});

test('a refusal and a body that is no list end the list visibly', async () => {
  const refusal: RequestOutcome = { outcome: 'not-found', status: 404, message: 'Not Found' };
  assert.deepEqual(await all(pagesOf({ connector: scripted(() => refusal), first: '/a', size: 2 })), [
    { stopped: refusal },
  ]);
  assert.deepEqual(
    await all(pagesOf({ connector: scripted(() => answer({ message: 'hm' })), first: '/a', size: 2 })),
    [{ stopped: { outcome: 'failed', code: 'unexpected-shape', message: 'its answer is not a list' } }],
  );
});

test('a full last page that was not modified is asked for again, whole: another page may have begun', async () => {
  const host = scripted(({ path, conditional }) => {
    if (path === '/b') return answer([3]);
    return conditional === false
      ? answer([1, 2], '</b>; rel="next"')
      : answer([1, 2], undefined, 'not-modified');
  });
  assert.deepEqual(await all(pagesOf({ connector: host, first: '/a', size: 2 })), [
    { items: [1, 2], next: '/b' },
    { items: [3] },
  ]);
});

test('an interrupted list goes on where it stopped', async () => {
  const kept = new Map<string, ListPage>();
  const keep = async (address: string, page: ListPage): Promise<void> => void kept.set(address, page);
  let down = true;
  const host = scripted(({ path }) => {
    if (path === '/b' && down) return { outcome: 'failed', code: 'no-answer', message: 'down' };
    return path === '/a' ? answer([1], '</b>; rel="next"') : answer([2]);
  });
  await all(pagesOf({ connector: host, first: '/a', size: 1, recall: (address) => kept.get(address), keep }));
  down = false;
  const pages = await all(
    pagesOf({ connector: host, first: '/a', size: 1, recall: (address) => kept.get(address), keep }),
  );
  assert.deepEqual(pages, [{ items: [1], next: '/b' }, { items: [2] }]);
  assert.deepEqual(
    host.asked.map(({ path }) => path),
    ['/a', '/b', '/b'],
  );
});
