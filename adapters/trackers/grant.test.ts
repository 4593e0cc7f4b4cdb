import assert from 'node:assert/strict';
import test from 'node:test';
import { GRANTS, ungranted } from './grant.ts';
import { discoverTrackers, openTracker } from './kinds.ts';

const SHOP = { division: 'shop', project: 'acme/desk' };
const reason = (secret: string, baseUrl: string, granted: string | undefined, whose = SHOP) =>
  ungranted({ secret, baseUrl, ...whose }, { [GRANTS]: granted });

test('a credential goes where the operator said, and nowhere else', () => {
  const granted =
    'env:DESK@https://desk.example?division=shop&project=acme%2Fdesk  ' +
    'file:/run/a@b@https://jira.example:8443/x?division=shop&project=*';
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
    'env:DESK may not be sent to https://desk.example for division shop and project acme/desk; have the operator write ' +
      'env:DESK@https://desk.example?division=shop&project=acme%2Fdesk into MACADAM_TRACKER_SECRETS',
  );
});

test('a credential of one division or project is not another one’s, and a grant that names neither grants nothing', () => {
  const desk = 'https://desk.example';
  const granted = 'env:DESK@https://desk.example?division=shop&project=acme/desk';
  const asked = (division: string, project: string, given: string) =>
    reason('env:DESK', desk, given, { division, project });
  assert.equal(asked('shop', 'acme/desk', granted), null);
  assert.match(asked('till', 'acme/desk', granted) ?? '', /for division till/);
  assert.match(asked('shop', 'acme/other', granted) ?? '', /project acme\/other/);
  assert.match(asked('', 'acme/desk', granted) ?? '', /for the whole company/);
  assert.match(asked('shop', 'acme/desk', 'env:DESK@https://desk.example') ?? '', /may not be sent/);
  assert.equal(asked('', 'any', 'env:DESK@https://desk.example?division=&project=*'), null);
  assert.match(asked('shop', 'any', 'env:DESK@https://desk.example?division=&project=*') ?? '', /may not/);
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
