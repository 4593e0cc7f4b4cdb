/** Pages that are held on wide and narrow screens in a real browser: by axe, and by what scrolls sideways. */
import { HOSTILE } from './sample.ts';
import { OVERDUE } from './sample-work.ts';

/** Of the sheds. */
export const SHEDS_PAGES: readonly string[] = [
  '',
  '?by=division',
  'standards?status=failing',
  'standards/sheds-locked?from=2026-11-01',
  'standards/sheds-locked/assets',
  'changes?from=2026-11-01',
  'standards/sheds-locked/definition',
  'standards/sheds-locked/definition?check=%21asset.locked',
  'standards/sheds-locked/definition?check=asset.lokced',
  'standards/sheds-locked/definition/changes?check=%21asset.locked&from=fail&to=pass',
  'reviews',
  'work',
  'work?show=closed',
  `work/${encodeURIComponent(OVERDUE)}`,
  'exceptions?show=over',
  'exceptions?show=soon',
  'owners',
  'owners?open=north',
  'owners/team-02',
  'owners/north',
  'organisation',
  'organisation?on=2025-01-01',
  'who',
  'who?text=shed%2Fshed-002',
  'who?text=shed-06',
  'assets',
  'assets?text=shed-00',
  'assets/shed%2Fshed-002',
  'work?by=standard&mine=no',
  'settings',
  'sources',
  'sources?source=round',
  `who?text=${encodeURIComponent(HOSTILE)}`,
  'nothing-here',
  `work?team=${encodeURIComponent(HOSTILE)}`,
];

/** Whether an address is one of a route: a parameter has any one part. */
export function isOfRoute(route: string, address: string): boolean {
  const parts = (path: string) => path.replace(/\?.*/, '').replace(/^\/?/, '').split('/');
  const [wanted, given] = [parts(route), parts(address)];
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  );
}
