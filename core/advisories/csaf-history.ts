/** Mandatory tests of CSAF 2.0 about versions of a document: 6.1.14, 6.1.16 to 6.1.22, and 6.1.30. */
import { timeOf } from '../text/instant.ts';
import { type CsafFault, type Part, repeated } from './csaf-parts.ts';
import { compareVersions, isSemantic, type Version, versionOf } from './csaf-version.ts';

interface Item {
  readonly part: Part;
  readonly version: Version;
  /** Nanoseconds since 1970; what is no time is older than any. */
  readonly time: bigint;
}

export function historyFaults(document: Part): readonly CsafFault[] {
  const tracking = document.at('document', 'tracking');
  const history = tracking.at('revision_history').list;
  const status = tracking.at('status').text;
  const own = tracking.at('version');
  const items = history.flatMap((part): Item[] => {
    const version = versionOf(part.at('number').text);
    return version === null ? [] : [{ part, version, time: timeOf(part.at('date').text ?? '') }];
  });
  const byDate = items.toSorted((a, b) => earlier(a, b) || compareVersions(a.version, b.version));
  const version = versionOf(own.text);
  return [
    ...sorted(items),
    ...latest(own, version, byDate, status),
    ...statuses(own, version, items, status),
    ...missing(byDate),
    ...repeated(history, (one) => one.at('number').text).map((one) =>
      fault('6.1.22', one.at('number'), 'this version number stands in the history twice'),
    ),
    ...mixed(own, version, items),
  ];
}

const earlier = (a: Item, b: Item): number => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);

const fault = (test: string, { path }: Part, reason: string): CsafFault => ({ test, path, reason });

/** Versions rise with dates. */
function sorted(items: readonly Item[]): CsafFault[] {
  const byTime = items.toSorted(earlier);
  return byTime.flatMap((item, index) => {
    const before = byTime[index - 1];
    if (before === undefined || before.time === item.time) return [];
    const falls = compareVersions(before.version, item.version) > 0;
    return falls
      ? [fault('6.1.14', item.part, 'a later revision has a lower number than an earlier one')]
      : [];
  });
}

function latest(
  own: Part,
  version: Version | null,
  byDate: readonly Item[],
  status: string | null,
): CsafFault[] {
  const last = byDate.at(-1);
  if (version === null || last === undefined) return [];
  const draft = status === 'draft';
  const same =
    compareVersions(
      draft ? withoutPrerelease(version) : version,
      draft ? withoutPrerelease(last.version) : last.version,
    ) === 0;
  return same ? [] : [fault('6.1.16', own, 'it is not the number of the latest revision')];
}

const withoutPrerelease = (version: Version): Version => ({ ...version, prerelease: [] });

/** What a number says of how far a document is, held against its status. */
function statuses(
  own: Part,
  version: Version | null,
  items: readonly Item[],
  status: string | null,
): CsafFault[] {
  const faults: CsafFault[] = [];
  const released = status === 'final' || status === 'interim';
  if (version !== null && status !== 'draft' && (version.numbers[0] === 0 || version.prerelease.length > 0))
    faults.push(fault('6.1.17', own, 'such a version is a draft, and the status is another one'));
  for (const { part, version: number } of items) {
    const at = part.at('number');
    if (released && number.numbers[0] === 0)
      faults.push(fault('6.1.18', at, 'a released document has no revision of version 0'));
    if (number.prerelease.length > 0) faults.push(fault('6.1.19', at, 'a revision has no pre-release part'));
  }
  if (released && version !== null && version.prerelease.length > 0)
    faults.push(fault('6.1.20', own, 'a released document has no pre-release part in its version'));
  return faults;
}

/** Whole or major numbers begin at 0 or 1 and leave none out. */
function missing(byDate: readonly Item[]): CsafFault[] {
  const majors = byDate.map(({ version }) => version.numbers[0] ?? 0);
  return byDate.flatMap(({ part }, index) => {
    const [before, major = 0] = [majors[index - 1], majors[index]];
    const at = part.at('number');
    if (before === undefined)
      return major > 1 ? [fault('6.1.21', at, 'the first revision is neither 0 nor 1')] : [];
    return major > before + 1 ? [fault('6.1.21', at, `revision ${before + 1} is missing before it`)] : [];
  });
}

function mixed(own: Part, version: Version | null, items: readonly Item[]): CsafFault[] {
  if (version === null) return [];
  return items
    .filter((item) => isSemantic(item.version) !== isSemantic(version))
    .map(({ part }) =>
      fault('6.1.30', part.at('number'), `it is numbered in another way than the document (${own.text})`),
    );
}
