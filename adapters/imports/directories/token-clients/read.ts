/** Lockfiles of applications, as one collection: by which libraries each could obtain tokens. */

import {
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import { utf8Text } from '../../../facts/utf8.ts';
import { purlOf } from '../../../readers/dependencies/assets.ts';
import { type Beside, folder, type Package } from '../../../readers/dependencies/format.ts';
import { formatOf } from '../../../readers/dependencies/formats.ts';
import type { ExportFile } from '../answer.ts';
import { type ExportRead, type ExportRequest, observationOf } from '../export.ts';
import { listingGap } from '../listing.ts';
import { MAPPING, mappedIn, refused } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { listOf, unobserved } from '../statement.ts';
import { tokenLibrary } from './libraries.ts';

const text = z.string().min(1);
const place = text.refine((one) => !/^\/|\/$|(?:^|\/)\.\.?(?:\/|$)/.test(one), 'is no folder below this one');
const mappingSchema = z.strictObject({
  store: text,
  applications: z
    .array(z.strictObject({ directory: text, client_id: text, folders: z.array(place).min(1) }))
    .min(1),
});
type Application = z.infer<typeof mappingSchema>['applications'][number];

export function readTokenClients(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'token-clients', mappingSchema, ({ store }) => store);
  if ('mistakes' in read) return read;
  const { scope } = read;
  const { applications } = read.mapping;
  const ids = applications.map(({ directory, client_id }) => `${directory} ${client_id}`);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    return refused(
      request.folder,
      `has a ${MAPPING} with ${twice} twice; name all of its folders in one place`,
    );
  const files = request.files.filter(({ path }) => path !== MAPPING);
  const observations = applications.map((one): Observation => {
    const { directory, client_id: id } = one;
    return observationOf(scope, {
      kind: 'application',
      key: [directory, id],
      name: id,
      attributes: {
        directory: { value: directory },
        client_id: { value: id },
        client_libraries: librariesOf(one, files),
      },
    });
  });
  const isOfOne = ({ path }: ExportFile): boolean =>
    applications.some(({ folders }) => folders.some((one) => path.startsWith(`${one}/`)));
  return readOf({
    scope,
    // Which applications there are the directory says; a list of lockfiles is no list of them.
    listed: [{ kind: 'application', observations, gaps: [UNLISTED], format: 'lockfiles' }],
    notes: files
      .filter((file) => !isOfOne(file))
      .map(({ path }) => `${path} is not used: no application in ${MAPPING} has its folder`),
  });
}

const UNLISTED = listingGap(
  'applications-not-listed',
  'incomplete',
  'which applications there are the directory says, and not who collected lockfiles; measure the directory too',
);

function librariesOf({ folders }: Application, files: readonly ExportFile[]): Statement {
  const value = new Map<string, Record<string, Value>>();
  let open: string | undefined;
  for (const own of folders) {
    const below = files.filter(({ path }) => path.startsWith(`${own}/`));
    const locks = below.filter(({ path }) => isLock(path));
    if (locks.length === 0)
      return unobserved(`no lockfile that is read lies below ${own}; save those of its repository there`);
    for (const file of locks) {
      const packages = packagesIn(file, below);
      if ('why' in packages) open ??= packages.why;
      for (const one of packages.found) {
        const library = libraryOf(one);
        if (library !== null)
          value.set(`${own} ${library.package}`, { id: `${own} ${library.package}`, ...library.fields });
      }
    }
  }
  return listOf([...value.values()], open);
}

const isLock = (path: string): boolean => {
  const role = formatOf(path)?.role;
  return role === 'lock' || role === 'both';
};

interface Found {
  readonly found: readonly Package[];
}

function packagesIn(
  file: ExportFile,
  below: readonly ExportFile[],
): Found | (Found & { readonly why: string }) {
  const format = formatOf(file.path);
  const source = textOf(file);
  if (format === undefined || isUnobserved(source))
    return { found: [], why: `${file.path} is not UTF-8; save it again` };
  const asked = new Set(format.beside?.(file.path, source) ?? []);
  const beside: Beside = new Map(
    below.flatMap((one) => (asked.has(one.path) ? [[one.path, textOf(one)] as const] : [])),
  );
  const { packages, problems } = format.parse(source, file.path, beside);
  const [problem] = problems;
  return problem === undefined
    ? { found: packages }
    : {
        found: packages,
        why: `${file.path} ${problem.message}; ${problem.remedy ?? `look at ${folder(file.path)}`}`,
      };
}

function textOf({ path, bytes }: ExportFile): string | Unobserved {
  const read = utf8Text(Buffer.from(bytes));
  return typeof read === 'string' ? read : unobserved(`${path} is not UTF-8; save it again`);
}

/** Null for what obtains no tokens, or only where something is built or tested. */
function libraryOf(
  one: Package,
): { readonly package: string; readonly fields: Record<string, Value> } | null {
  const name = tokenLibrary(one.type, one.name);
  if (one.development === true || name === undefined) return null;
  const purl = purlOf({ ...one, name });
  if (purl === undefined) return null;
  const direct: Value =
    one.direct ??
    unobserved('the lockfile does not say whether the code asks for it by itself; save the manifest beside');
  const version = one.version === undefined ? {} : { version: one.version };
  return { package: purl, fields: { package: purl, direct, ...version } };
}
