/** Devices of the directory, with what Intune found of them. */

import type { Statement } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type Listing, type ListingGap } from '../listing.ts';
import { type SavedLists, unnamedIn } from '../saved-lists.ts';
import { flagOf, type Item, textOf, timeOf, unexpected, unobserved } from '../statement.ts';
import { nameOf } from './users.ts';

/** What Intune writes for a device that the directory does not know. */
const NO_DEVICE = '00000000-0000-0000-0000-000000000000';

export function devicesOf(scope: ExportScope, lists: SavedLists): Listed {
  const registered = lists.list('/devices');
  const managed = lists.list('/deviceManagement/managedDevices');
  const found = new Map<string, { registered: Item | null; managed: Item | null }>();
  // A device that only its management knows is in no other list.
  const failed = managed.gaps.filter(({ cause }) => cause === 'failed');
  const unnamed = { deviceId: [] as Item[], azureADDeviceId: [] as Item[] };
  for (const item of registered.items) {
    const id = deviceId(item, 'deviceId');
    if (id === null) unnamed.deviceId.push(item);
    else found.set(id, { registered: item, managed: null });
  }
  for (const item of managed.items) {
    const id = deviceId(item, 'azureADDeviceId');
    const known = id === null ? undefined : found.get(id);
    if (id === null) unnamed.azureADDeviceId.push(item);
    // A device that was enrolled twice: the newer contact speaks.
    else if (known?.managed != null) known.managed = newer(known.managed, item);
    else found.set(id, { registered: known?.registered ?? null, managed: item });
  }
  const observations = [...found].map(([id, each]) => {
    const record = each.managed?.record.deviceName ?? each.registered?.record.displayName;
    const name = textIn(record) ?? nameOf(each.registered?.record ?? {}, id);
    return observationOf(scope, {
      kind: 'device',
      key: [scope.directory, id],
      name,
      attributes: {
        directory: { value: scope.directory },
        device_id: { value: id },
        hostname: hostnameOf(each.registered, each.managed),
        platform: platformOf(each.registered ?? each.managed),
        profile: profileOf(each.registered, registered),
        ...evaluationOf(each.registered, each.managed, managed),
      },
    });
  });
  const total = registered.total === null ? null : { id: 'graph:/devices/$count', count: registered.total };
  const gaps: readonly ListingGap[] = [
    ...registered.gaps,
    ...failed,
    ...withoutDeviceId(unnamed.deviceId, 'deviceId'),
    ...withoutDeviceId(unnamed.azureADDeviceId, 'azureADDeviceId'),
  ];
  return { kind: 'device', observations, gaps, total };
}

function deviceId({ record }: Item, field: string): string | null {
  const id = record[field];
  return typeof id === 'string' && id !== '' && id !== NO_DEVICE ? id.toLowerCase() : null;
}

const withoutDeviceId = (items: readonly Item[], field: string): readonly ListingGap[] =>
  unnamedIn(
    items,
    (count, file) =>
      `${count} devices in ${file} have no \`${field}\`, so they cannot be told from others; register them, or ask for the field`,
  );

const contact = ({ record }: Item): number => Date.parse(String(record.lastSyncDateTime)) || 0;
const newer = (a: Item, b: Item): Item => (contact(b) > contact(a) ? b : a);

function hostnameOf(registered: Item | null, managed: Item | null): Statement {
  const name = textIn(managed?.record.deviceName);
  if (name !== null) return { value: name };
  const names = registered?.record.hostNames;
  if (Array.isArray(names) && typeof names[0] === 'string') return { value: names[0] };
  return unobserved('the directory has only a display name of it; save /deviceManagement/managedDevices');
}

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/^windows/i, 'windows'],
  [/^mac/i, 'macos'],
  [/^(ios|ipados|iphone|ipad)/i, 'ios'],
  [/^android/i, 'android'],
  [/^linux/i, 'linux'],
  [/^chromeos/i, 'other'],
];

function platformOf(item: Item | null): Statement {
  if (item === null) return unobserved('nothing was saved of it');
  const system = textOf(item, 'operatingSystem');
  if (!('value' in system)) return system;
  const known = PLATFORMS.find(([pattern]) => pattern.test(system.value));
  return known === undefined
    ? unexpected(item, 'operatingSystem', system.value, 'a system that this version knows')
    : { value: known[1] };
}

function profileOf(item: Item | null, registered: Listing): Statement {
  if (item === null)
    return isWhole(registered) ? unobserved('the directory does not know the device') : gapOf(registered);
  const { isManaged } = item.record;
  if (isManaged === false) return { value: 'unmanaged' };
  return isManaged === true
    ? unobserved(
        'the directory does not say which profile a managed device has; send it from the device management',
      )
    : unobserved(`\`isManaged\` is not told in ${item.file}; ask for it`);
}

type Evaluation = Readonly<Record<'compliant' | 'evaluated_at' | 'broken_rules', Statement>>;

const MET: Readonly<Record<string, boolean>> = {
  compliant: true,
  noncompliant: false,
  conflict: false,
  error: false,
  ingraceperiod: false,
};

function evaluationOf(registered: Item | null, managed: Item | null, listing: Listing): Evaluation {
  if (managed === null) {
    const gap = isWhole(listing)
      ? unobserved('no device management knows it; enrol it, or collect the management that does')
      : gapOf(listing);
    const repeated = registered === null ? gap : flagOf(registered, 'isCompliant');
    const compliant = 'value' in repeated ? { value: repeated.value, assurance: 'configured' as const } : gap;
    return { compliant, evaluated_at: gap, broken_rules: gap };
  }
  const state = textOf(managed, 'complianceState');
  const met = 'value' in state ? MET[state.value.toLowerCase()] : undefined;
  const unknown =
    'value' in state
      ? unobserved(
          `Intune says \`${state.value}\` of it in ${managed.file}, which is no evaluation; wait for the device's next contact`,
        )
      : state;
  return {
    compliant: met === undefined ? unknown : { value: met, assurance: 'effective' },
    evaluated_at: timeOf(managed, 'lastSyncDateTime'),
    broken_rules:
      met === true
        ? { value: [], complete: true }
        : unobserved('the list does not say which rules it broke; see the device in Intune'),
  };
}
