/** A directory that is asked by LDAP. Values of passwords are never asked for. */
import { Client, type Entry, FilterParser, ResultCodeError, SizeLimitExceededError } from 'ldapts';
import { guidOf, type LdapEntry } from '../../imports/directories/ldap/entry.ts';
import type { LdapAddress } from './credential.ts';

const PAGE = 500;
const PATIENCE_MS = 30_000;

/** What an entry is asked for: by name, so that nothing else leaves the directory. */
const ATTRIBUTES: readonly string[] = [
  'objectClass',
  'entryUUID',
  'objectGUID',
  'cn',
  'uid',
  'sAMAccountName',
  'displayName',
  'employeeType',
  'userAccountControl',
  'nsAccountLock',
  'pwdAccountLockedTime',
  'pwdChangedTime',
  'pwdLastSet',
  'lastLogonTimestamp',
  'authTimestamp',
  'pwdLastSuccess',
  'createTimestamp',
  'whenCreated',
  'msDS-KeyCredentialLink',
  'servicePrincipalName',
  'adminCount',
];

/** Asked of groups that hold power alone: of all groups they are the longest that a directory holds. */
const MEMBERS: readonly string[] = ['member', 'uniqueMember', 'memberUid'];

/** Why a search ended early, or a log-in was refused. */
export interface LdapFailure {
  readonly kind: 'forbidden' | 'cut' | 'missing' | 'failed';
  readonly message: string;
}

export interface Searched {
  readonly entries: readonly LdapEntry[];
  /** Null: all that the account may see is here. */
  readonly failure: LdapFailure | null;
}

interface Question {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: string;
  readonly attributes: readonly string[];
}

export class Directory {
  readonly #client: Client;
  readonly #address: LdapAddress;
  readonly #signal: AbortSignal | undefined;

  constructor(address: LdapAddress, signal: AbortSignal | undefined) {
    this.#address = address;
    this.#signal = signal;
    this.#client = new Client({
      url: address.server,
      timeout: PATIENCE_MS,
      connectTimeout: PATIENCE_MS,
      strictDN: false,
    });
  }

  /** Null when the directory took the password. */
  async login(account: { readonly dn: string; readonly password: string }): Promise<LdapFailure | null> {
    try {
      if (this.#address.startTls) await this.#client.startTLS({});
      await this.#client.bind(account.dn, account.password);
      return null;
    } catch (error) {
      return failureOf(error, account.password);
    }
  }

  /** Without members of groups. Rejects only when the run is aborted. */
  async search(filter: string, scope: 'base' | 'sub' = 'sub'): Promise<Searched> {
    const entries: LdapEntry[] = [];
    const failure = await this.pages(filter, (page) => entries.push(...page), scope);
    return { entries, failure };
  }

  /** The same, a page at a time; gives what ended it early. */
  pages(
    filter: string,
    take: (entries: readonly LdapEntry[]) => void,
    scope: 'base' | 'sub' = 'sub',
  ): Promise<LdapFailure | null> {
    return this.#ask({ base: this.#address.base, scope, filter, attributes: ATTRIBUTES }, take);
  }

  /** One group with its members; none where it does not show itself. */
  async group(dn: string): Promise<Searched> {
    const entries: LdapEntry[] = [];
    const attributes = [...ATTRIBUTES, ...MEMBERS];
    const asked = { base: dn, scope: 'base', filter: '(objectClass=*)', attributes } as const;
    const failure = await this.#ask(asked, (page) => entries.push(...page));
    return { entries, failure };
  }

  async #ask(
    { base, scope, filter, attributes }: Question,
    take: (entries: readonly LdapEntry[]) => void,
  ): Promise<LdapFailure | null> {
    try {
      const pages = this.#client.searchPaginated(base, {
        scope,
        filter,
        attributes: [...attributes],
        explicitBufferAttributes: ['objectGUID'],
        paged: { pageSize: PAGE },
        timeLimit: 0,
      });
      for await (const { searchEntries, searchReferences } of pages) {
        this.#signal?.throwIfAborted();
        const entries: LdapEntry[] = [];
        for (const entry of searchEntries) entries.push(await this.#whole(entryOf(entry)));
        take(entries);
        if (searchReferences.length > 0)
          return { kind: 'cut', message: 'a part of the tree is on another server' };
      }
      return null;
    } catch (error) {
      this.#signal?.throwIfAborted();
      return failureOf(error, '');
    }
  }

  /** Long lists come in parts from Active Directory (`member;range=0-1499`): the others are asked for. */
  async #whole(entry: LdapEntry): Promise<LdapEntry> {
    let whole = entry;
    for (const name of entry.partial) {
      const values = [...(entry.values.get(name) ?? [])];
      for (let goesOn = true; goesOn; ) {
        const { searchEntries } = await this.#client.search(entry.dn, {
          scope: 'base',
          filter: '(objectClass=*)',
          attributes: [`${name};range=${values.length}-*`],
        });
        const [next] = searchEntries;
        const more = next === undefined ? undefined : entryOf(next);
        const found = more?.values.get(name) ?? [];
        if (found.length === 0) return entry;
        values.push(...found);
        goesOn = more?.partial.has(name) === true;
      }
      whole = {
        dn: whole.dn,
        values: new Map([...whole.values, [name, values]]),
        partial: new Set([...whole.partial].filter((one) => one !== name)),
      };
    }
    return whole;
  }

  async close(): Promise<void> {
    // What is closed already needs no closing.
    await this.#client.unbind().catch(() => {});
  }
}

/** Throws a TypeError for a text that is no filter (RFC 4515). */
export function checkedFilter(option: string, filter: string): string {
  try {
    FilterParser.parseString(filter);
  } catch {
    throw new TypeError(
      `${option}: ${JSON.stringify(filter)} is no filter; it is written like (cn=*-admins)`,
    );
  }
  return filter.startsWith('(') ? filter : `(${filter})`;
}

function entryOf(entry: Entry): LdapEntry {
  const values = new Map<string, readonly string[]>();
  const partial = new Set<string>();
  for (const [shown, value] of Object.entries(entry)) {
    if (shown === 'dn') continue;
    const [name = '', ...options] = shown.toLowerCase().split(';');
    const texts = [value].flat().flatMap((one) => textOf(name, one) ?? []);
    // A list that came in a part stands beside an empty one of the name that was asked for.
    if (texts.length > 0) values.set(name, [...(values.get(name) ?? []), ...texts]);
    if (options.some((option) => /^range=\d+-\d+$/.test(option))) partial.add(name);
  }
  return { dn: entry.dn, values, partial };
}

function textOf(name: string, value: string | Buffer): string | null {
  if (name === 'objectguid') return guidOf(Buffer.from(value as Buffer));
  return typeof value === 'string' ? value : value.toString('utf8');
}

/** The library's messages may quote what was sent, so a password is taken out of them. */
function failureOf(error: unknown, password: string): LdapFailure {
  const raw = error instanceof Error ? error.message : String(error);
  const said = (password === '' ? raw : raw.replaceAll(password, '[redacted]'))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200);
  const code = error instanceof ResultCodeError ? error.code : null;
  const message =
    code === null ? said : `${error instanceof Error ? error.name : 'error'} (${code}): ${said}`;
  if (error instanceof SizeLimitExceededError || code === 11 || code === 3) return { kind: 'cut', message };
  if (code === 49 || code === 50 || code === 8 || code === 13 || code === 48)
    return { kind: 'forbidden', message };
  return { kind: code === 32 ? 'missing' : 'failed', message };
}
