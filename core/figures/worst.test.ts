import assert from 'node:assert/strict';
import test from 'node:test';
import type { Finding } from './scan.ts';
import { worstFirst, worstPlaces } from './worst.ts';

const finding = (name: string, given: Partial<Finding> & { place?: string } = {}): Finding => {
  const { place, ...rest } = given;
  return {
    standard: 's',
    asset: { id: name, kind: 'manifest', name, ...(place !== undefined && { place }) },
    verdict: 'fail',
    severity: 'high',
    reason: 'r',
    message: `${name} fails`,
    assurance: null,
    owner: null,
    evidence: [],
    location: { path: `${name}.json` },
    fingerprint: name,
    ...rest,
  };
};

test('the gravest first, then product before tests and documents, then by name', () => {
  const all = [
    finding('b', { place: 'product' }),
    finding('test', { place: 'test' }),
    finding('docs', { place: 'docs' }),
    finding('grave test', { place: 'test', severity: 'critical' }),
    finding('a'),
    finding('unknown', { verdict: 'unknown', severity: 'critical' }),
    finding('excepted', { severity: 'critical', exception: { reason: '', approver: '', until: '' } }),
  ];
  const order = ['grave test', 'a', 'b', 'docs', 'test'];
  assert.deepEqual(
    worstFirst(all).map(({ asset }) => asset.name),
    order,
  );
  assert.deepEqual(
    worstFirst(all.toReversed()).map(({ asset }) => asset.name),
    order,
  );
});

test('two places are of two failures, and of one only where there is no other', () => {
  const at = (line: number) => ({ text: `line ${line}`, location: { path: 'x', line } });
  const many = finding('a', { location: { path: 'x', line: 1 }, evidence: [at(1), at(2), at(3)] });
  const texts = (findings: readonly Finding[]) => worstPlaces(findings, 2).map(({ text }) => text);
  assert.deepEqual(texts([many, finding('b')]), ['line 1', 'b fails']);
  assert.deepEqual(texts([many]), ['line 1', 'line 2']);
  assert.deepEqual(texts([finding('b')]), ['b fails']);
  assert.deepEqual(texts([]), []);
});
