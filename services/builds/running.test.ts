/** What runs, by what a cluster says of its pods, and what is no whole list of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runningIn } from './running.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const pod = (name: string, status: object) => ({ metadata: { name, namespace: 'n' }, status });
const read = (document: object) => runningIn(JSON.stringify(document));

test('an image is counted once for each pod that runs it, by whichever sort of container, and not where the pod has ended', () => {
  const a = { imageID: `docker-pullable://registry.example.com:5000/a@${digest('a')}` };
  const b = { imageID: `registry.example.com/b@${digest('b')}` };
  const read1 = read({
    items: [
      pod('one', { phase: 'Running', containerStatuses: [a, a], initContainerStatuses: [b] }),
      pod('two', { phase: 'Running', containerStatuses: [a], ephemeralContainerStatuses: [b] }),
      pod('done', { phase: 'Succeeded', containerStatuses: [{ imageID: `c@${digest('c')}` }] }),
      pod('pulling', { phase: 'Pending', containerStatuses: [{ imageID: '' }] }),
      { metadata: { name: 'unscheduled' } },
    ],
  });
  assert.deepEqual(read1, {
    images: [
      { digest: digest('a'), name: 'registry.example.com:5000/a', pods: 2 },
      { digest: digest('b'), name: 'registry.example.com/b', pods: 2 },
    ],
    untold: [],
  });
});

test('an image that no registry names a digest of is told, and not taken for one without a build', () => {
  const local = read({ items: [pod('p', { containerStatuses: [{ imageID: digest('d') }] })] });
  assert.deepEqual(local, { images: [], untold: ['n/p'] });
});

test('a part of the pods, and what is none, are refused', () => {
  const wrong = (document: object) => JSON.stringify(read(document));
  assert.match(wrong({ items: [], metadata: { continue: 'next' } }), /holds the first page of pods only/);
  assert.match(
    wrong({ items: [{ kind: 'Node', metadata: { name: 'x' } }] }),
    /holds a Node, which is not a pod/,
  );
  assert.match(wrong({ pods: [] }), /is not a list of pods: `items`/);
  assert.match(JSON.stringify(runningIn('{')), /is not one JSON document/);
});
