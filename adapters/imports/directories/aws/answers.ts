/** Saved answers of AWS: which operation each answers, in which region, about what; and the lists that they make. */
import { type ExportFile, isRecord, type Json, recordsIn } from '../answer.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import type { Item } from '../statement.ts';
import { type AwsOperation, operationAt } from './operations.ts';

export interface AwsAnswer {
  readonly file: string;
  readonly operation: AwsOperation;
  /** Null where it has none, or where nothing says which. */
  readonly region: string | null;
  /** What it is about: a bucket, a key, a user. Null for a list. */
  readonly about: string | null;
  readonly body: Json;
}

export interface AwsItem extends Item {
  readonly region: string | null;
}

export interface AwsRecord {
  readonly body: Json;
  readonly file: string;
}

export interface AwsList {
  readonly items: readonly AwsItem[];
  /** None: the list is whole, in every region. */
  readonly gaps: readonly ListingGap[];
  /** Why the part of one region is not whole; null where it is. Of a region that nobody stated, whatever is missing counts. */
  readonly gapOf: (region: string | null) => ListingGap | null;
}

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;

/** `eu-central-1/ec2-describe-subnets.json`, `s3/get-bucket-policy/BUCKET.json`; pages may be numbered. */
export function answerIn({ path }: ExportFile, body: unknown): AwsAnswer | { readonly why: string } {
  const parts = path.replace(/\.json$/i, '').split('/');
  const region = parts.find((part) => REGION.test(part)) ?? null;
  for (const [index, part] of parts.entries()) {
    const joined = operationAt(part) ?? operationAt(part.replace(/[-._ ](?:page[-._ ]?)?\d{1,6}$/i, ''));
    const split = joined === null ? operationAt(`${part}-${parts[index + 1] ?? ''}`) : null;
    const operation = joined ?? split;
    if (operation === null) continue;
    const rest = parts.slice(index + (joined === null ? 2 : 1)).filter((one) => one !== region);
    if (!isRecord(body))
      return { why: `is no answer of ${operation.path}: it holds no record; save it again` };
    return {
      file: path,
      operation,
      region: operation.regional ? region : null,
      about: rest.length === 0 ? null : rest.join('/'),
      body,
    };
  }
  return {
    why: 'does not say which request it answers; name it by service and operation, as `eu-central-1/ec2-describe-subnets.json`',
  };
}

/** An answer that somebody kept in another form. */
export function answerAt(
  path: string,
  { file, region }: Pick<AwsAnswer, 'file' | 'region'>,
  body: Json,
  about: string | null = null,
): AwsAnswer {
  const operation = operationAt(path.replace('/', '-'));
  if (operation === null) throw new RangeError(`there is no request ${path}`);
  return { file, operation, region: operation.regional ? region : null, about, body };
}

/** The error of a body, in the two ways in which AWS writes one. */
export function errorIn(body: Json): { readonly code: string; readonly message: string } | null {
  const error = isRecord(body.Error) ? body.Error : body;
  const code = error.Code ?? error.code ?? error.__type;
  if (typeof code !== 'string') return null;
  const message = error.Message ?? error.message;
  return { code: code.replace(/^.*#/, ''), message: typeof message === 'string' ? message : '' };
}

const FORBIDDEN =
  /AccessDenied|UnauthorizedOperation|NotAuthorized|AuthFailure|^Forbidden|InvalidClientToken|OptInRequired/i;

/** What an answer lacks: an error, or pages that follow; null where it is whole. */
export function gapIn({ file, operation, region, about, body }: AwsAnswer): ListingGap | null {
  const what = [operation.path, about === null ? '' : `of ${about}`, region === null ? '' : `in ${region}`]
    .filter((part) => part !== '')
    .join(' ');
  const error = errorIn(body);
  if (error === null) {
    const more = body.NextToken ?? body.nextToken ?? body.NextMarker ?? body.ContinuationToken;
    if (
      body.IsTruncated !== true &&
      body.Truncated !== true &&
      (more === undefined || more === null || more === '')
    )
      return null;
    return listingGap(
      'page-missing',
      'incomplete',
      `${what} goes on after ${file}; save it without a limit of items`,
    );
  }
  const said = error.message === '' ? error.code : `${error.code}: ${error.message}`;
  if (FORBIDDEN.test(error.code))
    return listingGap(
      'permission-missing',
      'forbidden',
      `${what} may not be asked (${said}); grant ${operation.permission}`,
    );
  return listingGap('answer-is-error', 'failed', `${what} answered ${said}; ask it again`);
}

/** All that was answered about one account. */
export class AwsAnswers {
  readonly #byPath: ReadonlyMap<string, readonly AwsAnswer[]>;
  /** Regions that the account has; null where nobody said. */
  readonly #regions: readonly string[] | null;
  /** Why some of them were not asked; null where all were. */
  readonly #leftOut: string | null;

  constructor(answers: readonly AwsAnswer[], leftOut: string | null = null) {
    this.#byPath = Map.groupBy(answers, ({ operation }) => operation.path);
    this.#leftOut = leftOut;
    const stated = this.of('ec2/describe-regions').filter((one) => gapIn(one) === null);
    this.#regions = stated.length === 0 ? null : regionsIn(stated.map(({ body }) => body));
  }

  of(path: string, about?: string): readonly AwsAnswer[] {
    const all = this.#byPath.get(path) ?? [];
    return about === undefined ? all : all.filter((one) => one.about === about);
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** One answer about one thing, or what there is instead of it: `absent` where AWS says that there is none. */
  about(
    path: string,
    subject: string,
    /** Where several regions may have one of that name. */
    region: string | null = null,
  ): AwsRecord | { readonly absent: true } | ListingGap {
    const all = this.of(path, subject);
    const answer = all.find((one) => region !== null && one.region === region) ?? all[0];
    if (answer === undefined) return this.#notSaved(path, ` of ${subject}`);
    const none = answer.operation.noneCode;
    if (none !== undefined && errorIn(answer.body)?.code === none) return { absent: true };
    return gapIn(answer) ?? { body: answer.body, file: answer.file };
  }

  /** The list that lies in a field of each answer of an operation. */
  list(path: string, field: string): AwsList {
    const answers = this.of(path);
    if (answers.length === 0) {
      const none = this.#notSaved(path, '');
      return { items: [], gaps: [none], gapOf: () => none };
    }
    const items: AwsItem[] = [];
    const gaps: ListingGap[] = [];
    const byRegion = new Map<string | null, ListingGap>();
    const lacks = (region: string | null, gap: ListingGap): void => {
      gaps.push(gap);
      byRegion.set(region, gap);
    };
    for (const answer of answers) {
      const { region, operation } = answer;
      const none = operation.noneCode;
      if (none !== undefined && errorIn(answer.body)?.code === none) continue;
      const gap = gapIn(answer);
      if (gap !== null) lacks(region, gap);
      if (errorIn(answer.body) !== null) continue;
      const found = answer.body[field];
      if (!Array.isArray(found)) {
        lacks(
          region,
          listingGap(
            'answer-misshapen',
            'failed',
            `${answer.file} has no list \`${field}\`; save the whole answer of ${path}`,
          ),
        );
        continue;
      }
      const records = found.filter(isRecord);
      if (records.length < found.length)
        lacks(
          region,
          listingGap(
            'item-misshapen',
            'failed',
            `${found.length - records.length} of \`${field}\` in ${answer.file} are no records; look at the answer`,
          ),
        );
      for (const record of records) items.push({ record, file: answer.file, region });
    }
    const missing = this.#missingRegions(answers);
    const asked = new Set(answers.map(({ region }) => region));
    return {
      items,
      gaps: [...gaps, ...missing],
      gapOf: (region) => {
        if (region === null) return [...gaps, ...missing][0] ?? null;
        return (
          byRegion.get(region) ?? byRegion.get(null) ?? (asked.has(region) ? null : (missing[0] ?? null))
        );
      },
    };
  }

  #notSaved(path: string, of: string): ListingGap {
    const permission = operationAt(path.replace('/', '-'))?.permission ?? 'a permission';
    return listingGap(
      'list-not-saved',
      'unobserved',
      `no answer of ${path}${of} was saved; save it, which needs ${permission}`,
    );
  }

  #missingRegions(answers: readonly AwsAnswer[]): readonly ListingGap[] {
    const [first] = answers;
    if (first === undefined || !first.operation.regional) return [];
    const { path } = first.operation;
    if (this.#regions === null) {
      const [refused] = this.of('ec2/describe-regions');
      const gap = refused === undefined ? null : gapIn(refused);
      return [
        gap ??
          listingGap(
            'regions-unknown',
            'incomplete',
            'nothing says which regions the account has; save ec2/describe-regions, which needs ec2:DescribeRegions',
          ),
      ];
    }
    const seen = new Set(answers.map(({ region }) => region));
    const missing = this.#regions.filter((region) => !seen.has(region));
    if (missing.length === 0) return [];
    const named = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
    return [
      listingGap(
        'region-missing',
        'incomplete',
        `${path} was not asked in ${named}${this.#leftOut === null ? '; save it in every region' : `; ${this.#leftOut}`}`,
      ),
    ];
  }
}

/** A list of which some items do not say what is asked of them here: nobody knows what they would have changed. */
export function lacking(
  list: AwsList,
  { what, says }: { readonly what: string; readonly says: (record: Json) => boolean },
): AwsList {
  const byRegion = new Map<string | null, ListingGap>();
  for (const { record, file, region } of list.items)
    if (!says(record))
      byRegion.set(
        region,
        listingGap(
          'answer-misshapen',
          'failed',
          `some items in ${file} do not say ${what}; save the answer again`,
        ),
      );
  if (byRegion.size === 0) return list;
  return {
    items: list.items,
    gaps: [...list.gaps, ...byRegion.values()],
    gapOf: (region) =>
      list.gapOf(region) ??
      (region === null ? [...byRegion.values()][0] : (byRegion.get(region) ?? byRegion.get(null))) ??
      null,
  };
}

/** Those in which something can be: a region that has to be switched on and is not holds nothing. */
export const regionsIn = (bodies: readonly Json[]): readonly string[] =>
  bodies
    .flatMap(({ Regions }) => recordsIn(Regions))
    .filter(({ OptInStatus }) => OptInStatus !== 'not-opted-in')
    .flatMap(({ RegionName }) => (typeof RegionName === 'string' ? [RegionName] : []));
