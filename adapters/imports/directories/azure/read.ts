/** Answers of Azure Resource Graph about one tenant, as one collection. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { utf8Text } from '../../../facts/utf8.ts';
import { type ExportFile, isRecord, type Json } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, required, timeOf, unobserved } from '../statement.ts';

const MISSING =
  'does not say of which tenant it is: `tenantId` of a resource does; save resources.json, or give it by `--subject`';

export function readAzure(request: ExportRequest): ExportRead {
  const items: Item[] = [];
  const unread: { file: string; why: string }[] = [];
  const gaps: ListingGap[] = [];
  let total = 0;
  for (const file of request.files) {
    const page = pageIn(file);
    if ('why' in page) {
      unread.push({ file: file.path, why: page.why });
      continue;
    }
    total = Math.max(total, page.total);
    items.push(...page.items);
    if (page.gap !== null) gaps.push(page.gap);
  }
  const known = new Map(
    items.flatMap((item) =>
      textIn(item, 'id') === null ? [] : [[String(item.record.id).toLowerCase(), item] as const],
    ),
  );
  if (known.size < items.length)
    gaps.push({
      code: 'id-missing',
      cause: 'incomplete',
      why: `${items.length - known.size} resources have no \`id\` of their own; save all columns, each page once`,
    });
  if (items.length < total)
    gaps.push({
      code: 'page-missing',
      cause: 'incomplete',
      why: `${items.length} of ${total} resources were saved; save the pages that follow`,
    });
  if (items.length === 0)
    gaps.push({
      code: 'list-not-saved',
      cause: 'unobserved',
      why: `no answer of resources was saved; ${MISSING}`,
    });
  const tenants = new Set(items.flatMap((item) => textIn(item, 'tenantId') ?? []));
  const named = scopeOf(
    'azure',
    request,
    [...tenants].map((id) => ({ id: `azure/${id}`, name: id })),
    MISSING,
  );
  if ('mistakes' in named) return named;
  const { scope } = named;
  const resources = [...known].map(([id, item]) => resourceOf(scope, id, item));
  const subnets = [...known].flatMap(([id, item]) => subnetsOf(scope, id, item));
  return readOf({
    scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread },
    listed: [
      { kind: 'cloud-resource', observations: resources, gaps },
      {
        kind: 'subnet',
        observations: [...new Map(subnets.map((one) => [one.id, one] as const)).values()],
        gaps,
      },
    ],
    parents: [],
    notes: [],
  });
}

interface Page {
  readonly items: readonly Item[];
  readonly total: number;
  readonly gap: ListingGap | null;
}

function pageIn({ path, bytes }: ExportFile): Page | { readonly why: string } {
  const text = utf8Text(Buffer.from(bytes));
  if (typeof text !== 'string') return { why: 'is not UTF-8; save it as UTF-8' };
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { why: 'is not whole JSON; save the answer again' };
  }
  if (!isRecord(body) || !Array.isArray(body.data))
    return { why: 'holds no `data` of Azure Resource Graph; save the whole answer as resources.json' };
  const items = body.data.filter(isRecord).map((record): Item => ({ record, file: path }));
  const total = body.total_records ?? body.totalRecords;
  const isNamed = /(^|\/)resources[^/]*\.json$/i.test(path);
  const gap: ListingGap | null = isNamed
    ? null
    : {
        code: 'request-unknown',
        cause: 'incomplete',
        why: `${path} does not say how it was asked; name it resources.json where nothing narrowed it`,
      };
  if (typeof total === 'number') return { items, total, gap };
  const why = `${path} does not say how many there are in all; save the whole answer`;
  return { items, total: 0, gap: { code: 'end-unknown', cause: 'incomplete', why } };
}

function textIn({ record }: Item, field: string): string | null {
  const value = record[field];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Types that keep data or secrets and answer over the network. */
const HOLDS =
  /^microsoft\.(?:storage\/storageaccounts|keyvault\/(?:vaults|managedhsms)|sql\/(?:servers|managedinstances)|documentdb\/databaseaccounts|dbforpostgresql\/\w+|dbformysql\/\w+|cache\/redis|servicebus\/namespaces|eventhub\/namespaces|search\/searchservices|containerregistry\/registries|classicstorage\/storageaccounts)$/;

function resourceOf(scope: ExportScope, id: string, item: Item): Observation {
  const type = textIn(item, 'type')?.toLowerCase() ?? null;
  const properties = isRecord(item.record.properties) ? item.record.properties : null;
  const untyped = unobserved(`\`type\` is not among the columns saved in ${item.file}; save all columns`);
  const system = isRecord(item.record.systemData) ? item.record.systemData : {};
  const attributes: Record<string, Statement> = {
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
  };
  return observationOf(scope, {
    kind: 'cloud-resource',
    key: ['azure', id],
    name: textIn(item, 'name') ?? id,
    attributes,
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
  const properties = isRecord(record.properties) ? record.properties : {};
  const subnets = Array.isArray(properties.subnets) ? properties.subnets.filter(isRecord) : [];
  return subnets.flatMap(({ name, properties: own }) => {
    if (!isRecord(own)) return [];
    const several = Array.isArray(own.addressPrefixes) ? own.addressPrefixes : [own.addressPrefix];
    const { defaultOutboundAccess: outbound, ipConfigurations: attached } = own;
    return several.flatMap((prefix): readonly Observation[] => {
      if (typeof prefix !== 'string' || prefix === '') return [];
      const attributes: Record<string, Statement> = {
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
      };
      return [
        observationOf(scope, {
          kind: 'subnet',
          key: [network, prefix],
          name: typeof name === 'string' ? name : prefix,
          attributes,
        }),
      ];
    });
  });
}
