/** Answers of Azure Resource Graph about one tenant, as one collection. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { type ExportFile, isRecord, type Json, jsonOf, recordIn, recordsIn, textIn } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { type ListingGap, lackingIds, listingGap, onceEach } from '../listing.ts';
import { noLists, readOf, scopeOf } from '../reading.ts';
import { type Item, required, timeOf, unobserved } from '../statement.ts';
import { rolesOf } from './roles.ts';
import { isOfVault, type VaultAnswer, VaultAnswers, vaultAnswerIn } from './vault-answers.ts';
import { vaultKeysOf } from './vault-keys.ts';

const MISSING =
  'does not say of which tenant it is: `tenantId` of a resource does; save resources.json, or give it by `--subject`';

/** `asked`: what vaults answered just now; null where nobody asked them. */
export function readAzure(request: ExportRequest, asked: readonly VaultAnswer[] | null = null): ExportRead {
  const saved = request.files
    .filter(isOfVault)
    .map((file) => ({ path: file.path, answer: vaultAnswerIn(file) }));
  const vaults = new VaultAnswers([
    ...(asked ?? []),
    ...saved.flatMap(({ answer }) => ('vault' in answer ? [answer] : [])),
  ]);
  const tables = request.files.filter((file) => !isOfVault(file));
  const pages = tables.map(({ path, bytes }) => ({ path, page: pageIn({ path, bytes }) }));
  const unread = [
    ...pages.flatMap(({ path, page }) => ('why' in page ? [{ file: path, why: page.why }] : [])),
    ...saved.flatMap(({ path, answer }) => ('vault' in answer ? [] : [{ file: path, why: answer.why }])),
  ];
  const read = pages.flatMap(({ path, page }) => ('why' in page ? [] : [{ path, page }]));
  const graph = tableOf(
    read.flatMap(({ path, page }) => (ROLES.test(path) ? [] : [page])),
    'resources',
  );
  const roles = tableOf(
    read.flatMap(({ path, page }) => (ROLES.test(path) ? [page] : [])),
    'role assignments',
  );
  const tenants = new Set(
    [...graph.items, ...roles.items].flatMap(([, item]) => textIn(item.record.tenantId) ?? []),
  );
  const named = scopeOf(
    'azure',
    request,
    [...tenants].map((id) => ({ id: `azure/${id}`, name: id })),
    MISSING,
  );
  if ('mistakes' in named) return named;
  const { scope } = named;
  const subnets = graph.items.flatMap(([id, item]) => subnetsOf(scope, id, item));
  return readOf({
    scope,
    saved: noLists(unread),
    listed: [
      {
        kind: 'cloud-resource',
        observations: graph.items.map(([id, item]) => resourceOf(scope, id, item)),
        gaps: graph.gaps,
      },
      {
        kind: 'subnet',
        observations: onceEach(subnets, (one) => one.id),
        gaps: graph.gaps,
      },
      ...(roles.isSaved
        ? rolesOf(
            scope,
            roles.items.map(([, item]) => item),
            roles.gaps,
          )
        : []),
      ...(asked === null && vaults.vaults.length === 0
        ? []
        : [vaultKeysOf(scope, vaults, { vaults: vaultsIn(graph.items), gaps: graph.gaps })]),
    ],
  });
}

/** Hosts of the vaults among the resources. */
const vaultsIn = (items: readonly (readonly [string, Item])[]): readonly string[] =>
  items.flatMap(([, { record }]) => {
    const properties = recordIn(record.properties);
    const type = String(record.type).toLowerCase();
    const address = VAULTS[type] === undefined ? undefined : properties[VAULTS[type]];
    return typeof address === 'string' && URL.canParse(address) ? [new URL(address).host.toLowerCase()] : [];
  });

/** The same, of the saved tables. */
export const vaultHostsIn = (files: readonly ExportFile[]): readonly string[] => {
  const pages = files.filter(({ path }) => !ROLES.test(path)).map(pageIn);
  const items = pages.flatMap((page) => ('why' in page ? [] : page.items));
  return [...new Set(vaultsIn(items.map((item) => ['', item] as const)))];
};

/** Type → the field with its address. */
const VAULTS: Readonly<Record<string, string | undefined>> = {
  'microsoft.keyvault/vaults': 'vaultUri',
  'microsoft.keyvault/managedhsms': 'hsmUri',
};

/** Files of the table of roles; all others are of resources. */
const ROLES = /(^|\/)authorizationresources[^/]*\.json$/i;

interface Table {
  /** By their ids, in lower case: each once. */
  readonly items: readonly (readonly [string, Item])[];
  readonly gaps: readonly ListingGap[];
  readonly isSaved: boolean;
}

function tableOf(pages: readonly Page[], called: string): Table {
  const items = pages.flatMap((page) => page.items);
  const total = Math.max(0, ...pages.map((page) => page.total));
  const gaps = pages.flatMap(({ gap }) => gap ?? []);
  const known = new Map(
    items.flatMap((item) =>
      textIn(item.record.id) === null ? [] : [[String(item.record.id).toLowerCase(), item] as const],
    ),
  );
  gaps.push(
    ...lackingIds(
      items.length - known.size,
      `${called} have no \`id\` of their own; save all columns, each page once`,
    ),
  );
  if (items.length < total)
    gaps.push(
      listingGap(
        'page-missing',
        'incomplete',
        `${items.length} of ${total} ${called} were saved; save the pages that follow`,
      ),
    );
  if (pages.length === 0)
    gaps.push(listingGap('list-not-saved', 'unobserved', `no answer of ${called} was saved; ${MISSING}`));
  return { items: [...known], gaps, isSaved: pages.length > 0 };
}

interface Page {
  readonly items: readonly Item[];
  readonly total: number;
  readonly gap: ListingGap | null;
}

function pageIn(file: ExportFile): Page | { readonly why: string } {
  const parsed = jsonOf(file);
  if ('why' in parsed) return parsed;
  const { json: body } = parsed;
  if (!isRecord(body) || !Array.isArray(body.data))
    return { why: 'holds no `data` of Azure Resource Graph; save the whole answer as resources.json' };
  const { path } = file;
  const items = body.data.filter(isRecord).map((record): Item => ({ record, file: path }));
  const total = body.total_records ?? body.totalRecords;
  const isNamed = /(^|\/)(?:authorization)?resources[^/]*\.json$/i.test(path);
  const gap: ListingGap | null = isNamed
    ? null
    : listingGap(
        'request-unknown',
        'incomplete',
        `${path} does not say how it was asked; name it resources.json where nothing narrowed it`,
      );
  if (typeof total === 'number') return { items, total, gap };
  const why = `${path} does not say how many there are in all; save the whole answer`;
  return { items, total: 0, gap: listingGap('end-unknown', 'incomplete', why) };
}

/** Types that keep data or secrets and answer over the network. */
const HOLDS =
  /^microsoft\.(?:storage\/storageaccounts|keyvault\/(?:vaults|managedhsms)|sql\/(?:servers|managedinstances)|documentdb\/databaseaccounts|dbforpostgresql\/\w+|dbformysql\/\w+|cache\/redis|servicebus\/namespaces|eventhub\/namespaces|search\/searchservices|containerregistry\/registries|classicstorage\/storageaccounts)$/;

function resourceOf(scope: ExportScope, id: string, item: Item): Observation {
  const type = textIn(item.record.type)?.toLowerCase() ?? null;
  const properties = isRecord(item.record.properties) ? item.record.properties : null;
  const untyped = unobserved(`\`type\` is not among the columns saved in ${item.file}; save all columns`);
  const system = recordIn(item.record.systemData);
  return observationOf(scope, {
    kind: 'cloud-resource',
    key: ['azure', id],
    name: textIn(item.record.name) ?? id,
    attributes: {
      cloud: { value: 'azure' },
      resource_id: { value: id },
      type: type === null ? untyped : { value: type },
      created_at: required(
        timeOf({ record: system, file: item.file }, 'createdAt'),
        'the resource does not say when it was made',
      ),
      management_api:
        type === null ? untyped : { value: type.startsWith('microsoft.classic') ? 'legacy' : 'current' },
      holds_data: type === null ? untyped : { value: HOLDS.test(type) },
      ...networkOf(properties, item.file),
    },
  });
}

function networkOf(properties: Json | null, file: string): Record<string, Statement> {
  if (properties === null) {
    const why = unobserved(`\`properties\` is not among the columns saved in ${file}; save all columns`);
    return { public_access: why, perimeter: why };
  }
  const access = properties.publicNetworkAccess;
  if (access === 'SecuredByPerimeter')
    return {
      public_access: { value: false },
      perimeter: { value: { name: 'SecuredByPerimeter', mode: 'enforced' } },
    };
  const perimeter = unobserved('the resource does not say whether it is part of a perimeter; state it');
  if (access === 'Disabled') return { public_access: { value: false }, perimeter };
  const rules = properties.networkAcls ?? properties.networkRuleSet;
  const usual = isRecord(rules) ? rules.defaultAction : undefined;
  if (usual === 'Deny') return { public_access: { value: false }, perimeter };
  if (usual === 'Allow' && (access === 'Enabled' || access === undefined || access === null))
    return { public_access: { value: true }, perimeter };
  return {
    public_access: unobserved(
      `the resource in ${file} does not say whom its network lets in; look at its rules`,
    ),
    perimeter,
  };
}

function subnetsOf(scope: ExportScope, network: string, { record, file }: Item): readonly Observation[] {
  if (String(record.type).toLowerCase() !== 'microsoft.network/virtualnetworks') return [];
  const properties = recordIn(record.properties);
  const subnets = recordsIn(properties.subnets);
  return subnets.flatMap(({ name, properties: own }) => {
    if (!isRecord(own)) return [];
    const several = Array.isArray(own.addressPrefixes) ? own.addressPrefixes : [own.addressPrefix];
    const { defaultOutboundAccess: outbound, ipConfigurations: attached } = own;
    return several.flatMap((prefix): readonly Observation[] => {
      if (typeof prefix !== 'string' || prefix === '') return [];
      return [
        observationOf(scope, {
          kind: 'subnet',
          key: [network, prefix],
          name: typeof name === 'string' ? name : prefix,
          attributes: {
            network: { value: network },
            prefix: { value: prefix },
            // A subnet to which nothing is attached leaves the list out.
            workloads: { value: Array.isArray(attached) ? attached.length : 0 },
            default_outbound:
              typeof outbound === 'boolean'
                ? { value: outbound }
                : unobserved(
                    `\`defaultOutboundAccess\` of a subnet in ${file} is not said; set it, or look when the network was made`,
                  ),
          },
        }),
      ];
    });
  });
}
