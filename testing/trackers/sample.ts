/** What tests mirror, and where to. */
import type { NewTracker } from '@macadam/adapters/decisions/trackers';
import { GRANTS } from '@macadam/adapters/trackers/grant';
import type { IssueContext } from '@macadam/adapters/trackers/issue-text';
import type { TrackerKinds } from '@macadam/adapters/trackers/kinds';
import type { Mirroring } from '@macadam/services/deliver/trackers/mirror';
import type { TrackerScene } from './fake.ts';

const context: IssueContext = {
  standard: () => ({ statement: 'Devices are patched.', why: 'What is not patched is open to everybody.' }),
  name: (asset) => asset,
  place: () => null,
};

export const mirroring = (
  kinds: TrackerKinds,
  environment: Readonly<Record<string, string | undefined>>,
): Mirroring => ({
  kinds,
  environment,
  now: () => new Date(),
  random: () => 0.5,
  sleep: async () => {},
  contextOf: async () => context,
});

export const trackerOn = (scene: TrackerScene, kind: string): NewTracker => ({
  id: 'desk',
  kind,
  division: 'north',
  team: '',
  secret: 'env:DESK_TOKEN',
  active: true,
  ...scene.settings,
});

/** What an operator sets, so that the secret of `trackerOn` reaches the scene, as would one that is not there. */
export const operated = ({
  secret,
  settings: { baseUrl },
}: TrackerScene): Readonly<Record<string, string>> => ({
  DESK_TOKEN: secret,
  [GRANTS]: ['env:DESK_TOKEN', 'env:NOT_THERE']
    .map((one) => `${one}@${new URL(baseUrl).origin}?division=north&project=*`)
    .join(' '),
});
