/**
 * Whom to call: from whatever somebody has in hand at night (a host, an address, an application's id, a repository, a
 * package URL, a certificate's thumbprint, an image's digest) to the asset, its owner and how to reach them. Keys are
 * texts, so that a table, a map and a signed export can all hold the index.
 */

import { masked, parseCidr, parseIp, printCidr, printIp } from '../cel/runtime/network.ts';
import { Cidr } from '../cel/runtime/value.ts';
import type { Asset } from '../facts/asset.ts';
import type { Value } from '../facts/observation.ts';
import { ascending } from '../text/order.ts';
import {
  type Accountability,
  accountableFor,
  type EmergencyContact,
  type OrgTree,
  type OrgUnit,
  pathOf,
} from './org.ts';
import type { OwnerAnswer } from './owner.ts';

export type IdentifierSort =
  | 'host'
  | 'address'
  | 'subnet'
  | 'application'
  | 'repository'
  | 'purl'
  | 'thumbprint'
  | 'image';

/** What attributes hold identifiers, by the field's own names for them, in any kind. */
const ATTRIBUTES: Readonly<Record<string, IdentifierSort>> = {
  hostname: 'host',
  hostnames: 'host',
  fqdn: 'host',
  dns_name: 'host',
  dns_names: 'host',
  address: 'address',
  addresses: 'address',
  ip: 'address',
  ip_address: 'address',
  ip_addresses: 'address',
  prefix: 'subnet',
  prefixes: 'subnet',
  client_id: 'application',
  application_id: 'application',
  purl: 'purl',
  purls: 'purl',
  thumbprint: 'thumbprint',
  thumbprints: 'thumbprint',
  digest: 'image',
  image_digest: 'image',
  image_digests: 'image',
  url: 'repository',
  clone_url: 'repository',
};

/** Keys under which an asset is found: its own id and name, and every identifier that its attributes hold. */
export function identifiersOf(asset: Asset): readonly string[] {
  const keys = [`id:${asset.id}`, `name:${asset.name.toLowerCase()}`];
  for (const [name, { statement }] of asset.attributes) {
    const sort = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    if (sort === undefined || !('value' in statement)) continue;
    for (const text of texts(statement.value)) {
      keys.push(...keysIn(sort, text).slice(0, sort === 'purl' ? 2 : 1));
      // Whoever asks without a version means every version.
      if (sort === 'purl') keys.push(...keysIn(sort, text.replace(/(@[^@/]*)?([?#].*)?$/, '')));
    }
  }
  if (asset.kind === 'repository') {
    const [host, path] = ['host', 'path'].map((name) => {
      const held = asset.attributes.get(name)?.statement;
      return held && 'value' in held ? String(held.value) : '';
    });
    keys.push(...[asset.name, `${host}/${path}`].flatMap((text) => keysIn('repository', text).slice(0, 1)));
  }
  return [...new Set(keys)];
}

function texts(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap((one) => (typeof one === 'string' ? one : [])) : [];
}

/**
 * The machine in what stands in a log or an address bar: without scheme, user, port, path and zone, of `[…]` the inside, and
 * of an address that is carried in the other protocol (`::ffff:10.1.2.3`) the one that is meant.
 */
function machineIn(text: string): string {
  const authority = text
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/, '');
  const inside = /^\[([^\]]*)\](?::\d*)?$/.exec(authority)?.[1];
  // With more colons than one it is an address without a port.
  const host = inside ?? authority.replace(/^([^:]*):\d*$/, '$1');
  return host.replace(/%.*$/, '').replace(/^::ffff:(?=\d+(\.\d+){3}$)/i, '');
}

/** Keys that a text may mean as one sort, the closest first; none where it is no such thing. */
function keysIn(sort: IdentifierSort, given: string): readonly string[] {
  const text = given.trim();
  switch (sort) {
    case 'address': {
      // What lies in a subnet that was named is the subnet's affair.
      const ip = parseCidr(text) ? null : parseIp(machineIn(text));
      if (!ip) return [];
      // An address that no asset has lies in a subnet that one has: the smallest first.
      const networks = Array.from({ length: ip.bytes.length * 8 + 1 }, (_, bits) =>
        masked(new Cidr(ip, bits)),
      );
      return [
        `address:${printIp(ip)}`,
        ...networks.reverse().map((network) => `subnet:${printCidr(network)}`),
      ];
    }
    case 'subnet': {
      const cidr = parseCidr(text);
      return cidr ? [`subnet:${printCidr(masked(cidr))}`] : [];
    }
    case 'host': {
      const name = machineIn(text).replace(/^\*\./, '').replace(/\.$/, '').toLowerCase();
      return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name) ? [`host:${name}`] : [];
    }
    case 'repository': {
      const path = text
        .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
        .replace(/^[^@/]+@/, '')
        .replace(/^([^/:]+):(?!\d)/, '$1/');
      const plain = path
        .replace(/(?<!\/)\/+$/, '')
        .replace(/\.git$/, '')
        .toLowerCase();
      if (!/^[^\s/]+(\/[^\s/]+)*$/.test(plain)) return [];
      // With or without the host, as people say it; a bare last word would be too many.
      const [, ...rest] = plain.split('/');
      return [plain, ...(rest.length > 1 ? [rest.join('/')] : [])].map((one) => `repository:${one}`);
    }
    case 'purl': {
      if (!/^pkg:/i.test(text)) return [];
      const bare = text.replace(/[?#].*$/, '');
      return [...new Set([text, bare])].map((one) => `purl:${one.toLowerCase()}`);
    }
    case 'thumbprint': {
      const hex = text
        .replace(/^sha-?(1|256)[:\s]+(fingerprint=)?/i, '')
        .replaceAll(/[\s:-]/g, '')
        .toLowerCase();
      return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) ? [`thumbprint:${hex}`] : [];
    }
    case 'image': {
      const digest = /(?:^|@)(sha256:[0-9a-f]{64})$/i.exec(text)?.[1];
      return digest === undefined ? [] : [`image:${digest.toLowerCase()}`];
    }
    case 'application':
      return text === '' ? [] : [`application:${text.toLowerCase()}`];
  }
}

const SORTS: readonly IdentifierSort[] = [
  ...(['purl', 'image', 'thumbprint', 'address', 'subnet', 'application', 'host', 'repository'] as const),
];

/** Keys to look under, in this order, for whatever somebody typed; assets of the first that is known are the answer. */
export function keysOf(text: string): readonly string[] {
  const own = [`id:${text.trim()}`, `name:${text.trim().toLowerCase()}`];
  return [...new Set([...own, ...SORTS.flatMap((sort) => keysIn(sort, text))])];
}

/** As what it was looked up, for people: of each sort the closest, an address standing for every subnet that holds it. */
export const lookedUnder = (text: string): readonly string[] =>
  SORTS.flatMap((sort) => keysIn(sort, text).slice(0, 1));

export interface WhoContext {
  readonly tree: OrgTree;
  readonly assetOf: (id: string) => Pick<Asset, 'id' | 'kind' | 'name'> | undefined;
  readonly ownerOf: (id: string) => OwnerAnswer | undefined;
  /** Where it says how to disable a thing of a kind. */
  readonly runbookOf: (kind: string) => string | null;
  /** Who is called about what nobody owns; null where nothing is known of a company. */
  readonly company: string | null;
}

/** The unit at the top; of several the first. Null for an empty tree. */
export const companyOf = ({ units }: OrgTree): string | null =>
  [...units.values()]
    .filter(({ parent }) => parent === null)
    .map(({ id }) => id)
    .sort(ascending)[0] ?? null;

export interface WhoAnswer {
  readonly asset: Pick<Asset, 'id' | 'kind' | 'name'>;
  readonly owner: OwnerAnswer | null;
  /** From the team up to the company. */
  readonly path: readonly OrgUnit[];
  /** Accountable people, the nearest first. */
  readonly accountable: readonly Accountability[];
  /** Of the nearest unit that has any. */
  readonly contacts: readonly (EmergencyContact & { readonly unit: string })[];
  readonly runbook: string | null;
  /** Whose contacts and accountable people stand in for an owner's, since nobody owns it. */
  readonly instead: Pick<OrgUnit, 'id' | 'name'> | null;
}

export interface WhoAnswers {
  /** The key that was found, which says as what the text was taken; null for nothing. */
  readonly key: string | null;
  /** How many assets there are; `answers` holds the first. */
  readonly count: number;
  readonly answers: readonly WhoAnswer[];
}

/** `find` gives the ids under a key: a map's, a table's or an export's. */
export function who(
  text: string,
  find: (key: string) => readonly string[] | undefined,
  context: WhoContext,
  most = 20,
): WhoAnswers {
  for (const key of keysOf(text)) {
    const ids = find(key);
    if (!ids || ids.length === 0) continue;
    const answers = ids.slice(0, most).flatMap((id) => {
      const asset = context.assetOf(id);
      return asset ? about(asset, context) : [];
    });
    return { key, count: ids.length, answers };
  }
  return { key: null, count: 0, answers: [] };
}

function about(
  asset: Pick<Asset, 'id' | 'kind' | 'name'>,
  { tree, ownerOf, runbookOf, company }: WhoContext,
): WhoAnswer {
  const owner = ownerOf(asset.id) ?? null;
  const path = owner?.owner ? pathOf(tree, owner.owner) : [];
  const top = path.length === 0 && company !== null ? tree.units.get(company) : undefined;
  const reached = (top ? [top] : path).find(({ contacts }) => contacts.length > 0);
  return {
    asset: { id: asset.id, kind: asset.kind, name: asset.name },
    owner,
    path,
    accountable: accountableFor(tree, { owner: top?.id ?? owner?.owner ?? null, kind: asset.kind }),
    contacts: reached?.contacts.map((contact) => ({ ...contact, unit: reached.id })) ?? [],
    runbook: runbookOf(asset.kind),
    instead: top ? { id: top.id, name: top.name } : null,
  };
}
