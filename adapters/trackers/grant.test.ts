import assert from 'node:assert/strict';
import test from 'node:test';
import { GRANTS, ungranted } from './grant.ts';
import { discoverTrackers, openTracker } from './kinds.ts';

const reason = (secret: string, baseUrl: string, granted: string | undefined) =>
  ungranted({ secret, baseUrl }, { [GRANTS]: granted });

test('a credential goes where the operator said, and nowhere else', () => {
  const granted = 'env:DESK@https://desk.example  file:/run/a@b@https://jira.example:8443/x';
  assert.equal(reason('env:DESK', 'https://desk.example/api', granted), null);
  assert.equal(reason('file:/run/a@b', 'https://jira.example:8443', granted), null);
  for (const [secret, baseUrl] of [
    ['env:DESK', 'https://evil.example'],
    ['env:DESK', 'https://desk.example.evil.example'],
    ['env:DESK', 'https://desk.example:444'],
    ['env:DESK', 'http://desk.example'],
    ['env:DESK', 'https://desk.example@evil.example'],
    ['env:DATABASE_URL', 'https://desk.example'],
    ['file:/etc/passwd', 'https://desk.example'],
    ['file:/run/../run/a@b', 'https://jira.example:8443'],
  ] as const)
    assert.match(
      reason(secret, baseUrl, granted) ?? '',
      /may not be sent to .*MACADAM_TRACKER_SECRETS/,
      baseUrl,
    );
  assert.equal(
    reason('env:DESK', 'https://desk.example', undefined),
    'env:DESK may not be sent to https://desk.example; have the operator name both in MACADAM_TRACKER_SECRETS',
  );
});

test('a tracker whose credential was not granted is not opened, and nothing is read for it', async () => {
  const settings = {
    id: 'desk',
    kind: 'github',
    division: 'north',
    team: '',
    project: 'acme/road',
    options: {},
    active: true,
    baseUrl: 'https://evil.example',
    secret: `file:${import.meta.filename}`,
    version: 1,
    changedAt: '',
  };
  const opened = await openTracker(settings, {
    kinds: await discoverTrackers(),
    environment: {},
    now: () => new Date(),
    random: () => 0.5,
    sleep: async () => {},
  });
  assert.match('problem' in opened ? opened.problem : '', /^tracker desk: file:.* may not be sent to/);
});
