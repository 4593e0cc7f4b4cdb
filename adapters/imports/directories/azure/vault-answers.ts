/** Answers of key vaults of Azure: each vault answers for itself, with lists of ids and, one by one, what they name. */
import { type ExportFile, isRecord, type Json, jsonOf } from '../answer.ts';
import { type ListingGap, listingGap } from '../listing.ts';

export const VAULT_PERMISSION = 'Key Vault Reader on the vault';

export interface VaultAnswer {
  /** Host of the vault: `payments.vault.azure.net`. */
  readonly vault: string;
  /** `/keys`, `/keys/NAME/versions`, `/keys/NAME/VERSION`, `/keys/NAME/rotationpolicy`; the same of `/certificates`. */
  readonly address: string;
  readonly file: string;
  /** Null where there was no answer. */
  readonly body: Json | null;
  readonly gap: ListingGap | null;
}

const PLACE = /(?:^|\/)vaults\/([a-z0-9.-]+)\/((?:keys|certificates)(?:\/.+)?)\.json$/i;

export const isOfVault = ({ path }: ExportFile): boolean => PLACE.test(path);

/** `vaults/payments/keys.json`, `vaults/payments/keys/tokens/versions-2.json`: pages may be numbered. */
export function vaultAnswerIn(file: ExportFile): VaultAnswer | { readonly why: string } {
  const [, name = '', below = ''] = PLACE.exec(file.path) ?? [];
  const address = `/${below}`.replace(/^(.*\/(?:keys|certificates|versions))-\d{1,6}$/i, '$1');
  const vault = name.includes('.') ? name.toLowerCase() : `${name.toLowerCase()}.vault.azure.net`;
  const parsed = jsonOf(file);
  if ('why' in parsed) return parsed;
  const { json: body } = parsed;
  return isRecord(body)
    ? answerOf({ vault, address, file: file.path, body })
    : { why: 'is no answer of a key vault; save the whole answer' };
}

export function answerOf(asked: {
  readonly vault: string;
  readonly address: string;
  readonly file: string;
  readonly body: Json;
}): VaultAnswer {
  const { vault, address, file, body } = asked;
  const { error } = body;
  if (!isRecord(error)) return { vault, address, file, body, gap: null };
  const said = `${String(error.code)}: ${String(error.message).slice(0, 200)}`;
  const isRefused = /^(Forbidden|Unauthorized|AccessDenied|BadParameterForbidden)/i.test(String(error.code));
  const gap: ListingGap = isRefused
    ? listingGap(
        'permission-missing',
        'forbidden',
        `${vault}${address} may not be read (${said}); grant ${VAULT_PERMISSION}`,
      )
    : listingGap('answer-is-error', 'failed', `${vault}${address} answered ${said}; ask it again`);
  return { vault, address, file, body: null, gap };
}

export interface VaultItem {
  readonly vault: string;
  /** As the vault calls it, below `/keys` or `/certificates`. */
  readonly name: string;
  readonly version: string;
  readonly body: Json;
  readonly file: string;
}

export class VaultAnswers {
  readonly #byAddress: ReadonlyMap<string, readonly VaultAnswer[]>;
  readonly vaults: readonly string[];

  constructor(answers: readonly VaultAnswer[]) {
    this.#byAddress = Map.groupBy(answers, ({ vault, address }) => `${vault}${address.toLowerCase()}`);
    this.vaults = [...new Set(answers.map(({ vault }) => vault))];
  }

  /** The records of a list, and what keeps it from being whole. */
  list(
    vault: string,
    address: string,
  ): { readonly records: readonly Json[]; readonly gaps: readonly ListingGap[] } {
    const pages = this.#byAddress.get(`${vault}${address.toLowerCase()}`) ?? [];
    const gaps: ListingGap[] = pages.flatMap(({ gap }) => gap ?? []);
    if (pages.length === 0) gaps.push(notSaved(vault, address));
    const records: Json[] = [];
    let following = 0;
    for (const { body, file } of pages) {
      if (body === null) continue;
      if (!Array.isArray(body.value)) {
        gaps.push(
          listingGap('answer-misshapen', 'failed', `${file} has no list \`value\`; save the whole answer`),
        );
        continue;
      }
      if (typeof body.nextLink === 'string' && body.nextLink !== '') following += 1;
      const own = body.value.filter(isRecord);
      if (own.length < body.value.length)
        gaps.push(
          listingGap(
            'item-misshapen',
            'failed',
            `${body.value.length - own.length} of the list in ${file} are no records; look at the answer`,
          ),
        );
      records.push(...own);
    }
    if (following > Math.max(0, pages.length - 1))
      gaps.push(
        listingGap(
          'page-missing',
          'incomplete',
          `the list ${vault}${address} goes on; save the pages that follow \`nextLink\``,
        ),
      );
    return { records, gaps };
  }

  one(vault: string, address: string): VaultAnswer | ListingGap {
    const [answer] = this.#byAddress.get(`${vault}${address.toLowerCase()}`) ?? [];
    if (answer === undefined) return notSaved(vault, address);
    return answer.gap ?? answer;
  }

  /** Every version of everything in a collection of a vault. */
  versions(
    vault: string,
    collection: 'keys' | 'certificates',
  ): { readonly items: readonly VaultItem[]; readonly gaps: readonly ListingGap[] } {
    const id = collection === 'keys' ? 'kid' : 'id';
    const listed = this.list(vault, `/${collection}`);
    const gaps: ListingGap[] = [...listed.gaps];
    const items: VaultItem[] = [];
    for (const record of listed.records) {
      const name = partOf(record[id], collection, 1);
      if (name === null) {
        gaps.push(withoutId(vault, collection, id));
        continue;
      }
      const versions = this.list(vault, `/${collection}/${name}/versions`);
      gaps.push(...versions.gaps);
      for (const one of versions.records) {
        const version = partOf(one[id], collection, 2);
        if (version === null) {
          gaps.push(withoutId(vault, `${collection}/${name}/versions`, id));
          continue;
        }
        const answer = this.one(vault, `/${collection}/${name}/${version}`);
        if ('why' in answer) gaps.push(answer);
        else if (answer.body !== null)
          items.push({ vault, name, version, body: answer.body, file: answer.file });
      }
    }
    return { items, gaps };
  }
}

/** Of `https://HOST/keys/NAME/VERSION`, the first or second part after the collection. */
export function partOf(id: unknown, collection: string, nth: 1 | 2): string | null {
  if (typeof id !== 'string' || !URL.canParse(id)) return null;
  const [, first, ...rest] = new URL(id).pathname.split('/');
  const part = rest[nth - 1];
  return first === collection && part !== undefined && /^[0-9A-Za-z-]+$/.test(part) ? part : null;
}

const notSaved = (vault: string, address: string): ListingGap =>
  listingGap(
    'list-not-saved',
    'unobserved',
    `no answer of ${vault}${address} was saved; save it, which needs ${VAULT_PERMISSION}`,
  );

const withoutId = (vault: string, what: string, id: string): ListingGap =>
  listingGap(
    'id-missing',
    'incomplete',
    `some ${what} of ${vault} have no \`${id}\` of that vault's form; save the list again`,
  );
