/** The official SDK of AWS, which is not installed with Macadam: found where it is, and named where it is not. */
import { createRequire } from 'node:module';
import { isRecord, type Json } from '../../imports/directories/answer.ts';
import { type AwsAnswer, answerIn } from '../../imports/directories/aws/answers.ts';
import type { AccessKey } from './credential.ts';
import { REQUESTS, type SdkRequest, type Service } from './requests.ts';

type SdkModule = Readonly<Record<string, new (input: object) => object>>;

interface SdkClient {
  readonly send: (command: object, options: { readonly abortSignal?: AbortSignal }) => Promise<object>;
  readonly destroy: () => void;
}

/** Throws where the package is not installed. */
export type LoadModule = (name: string) => SdkModule;

const PACKAGES: Readonly<Record<Service, string>> = {
  sts: '@aws-sdk/client-sts',
  iam: '@aws-sdk/client-iam',
  organizations: '@aws-sdk/client-organizations',
  ec2: '@aws-sdk/client-ec2',
  s3: '@aws-sdk/client-s3',
  kms: '@aws-sdk/client-kms',
  cloudtrail: '@aws-sdk/client-cloudtrail',
  scheduler: '@aws-sdk/client-scheduler',
  s3control: '@aws-sdk/client-s3-control',
  acm: '@aws-sdk/client-acm',
};

/** Without one of these little is known of an account; what a package of the others would tell is unknown alone where it is missing. */
const NEEDED: readonly Service[] = ['sts', 'iam', 'organizations', 'ec2', 's3', 'kms', 'cloudtrail'];

const CLIENTS: Readonly<Record<Service, string>> = {
  sts: 'STSClient',
  iam: 'IAMClient',
  organizations: 'OrganizationsClient',
  ec2: 'EC2Client',
  s3: 'S3Client',
  kms: 'KMSClient',
  cloudtrail: 'CloudTrailClient',
  scheduler: 'SchedulerClient',
  s3control: 'S3ControlClient',
  acm: 'ACMClient',
};

/** Found as Node finds packages of this file, and in NODE_PATH. */
export const installedModule: LoadModule = createRequire(import.meta.url);

/** Packages that are not there, of those without which nothing is asked. */
export const missingPackages = (load: LoadModule, needed: readonly Service[] = NEEDED): readonly string[] =>
  needed.map((service) => PACKAGES[service]).filter((name) => !isInstalled(load, name));

function isInstalled(load: LoadModule, name: string): boolean {
  try {
    load(name);
    return true;
  } catch {
    return false;
  }
}

export interface SessionOptions {
  readonly load: LoadModule;
  /** Null: what the machine itself proves, by the SDK's own search. */
  readonly key: AccessKey | null;
  readonly url: string | undefined;
  /** Region that is asked for what has none. */
  readonly home: string;
  readonly signal: AbortSignal | undefined;
}

const REQUEST_MS = 60_000;
const CONNECTION_MS = 10_000;
const ATTEMPTS = 6;
const MOST_PAGES = 20_000;

/** One credential, and what it is answered. Rejects only on an aborted signal. */
export class AwsSession {
  readonly #options: SessionOptions;
  readonly #clients = new Map<string, SdkClient>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Every page of one request, as one answer in the form of the command line. */
  async ask(path: string, about: About = {}): Promise<AwsAnswer> {
    const { region = null, subject = null, input = {} } = about;
    const request = REQUESTS[path];
    if (request === undefined) throw new RangeError(`there is no request ${path}`);
    const body = await this.#pages(request, region, input);
    const place = [region, path.replace('/', '-'), subject].filter((part) => part !== null).join('/');
    const answer = answerIn({ path: place, bytes: new Uint8Array() }, body);
    if ('why' in answer) throw new RangeError(`${place} ${answer.why}`);
    return { ...answer, file: `the answer of ${place}`, region, about: subject };
  }

  /** The answer as the SDK gives it, for what is no JSON. */
  async send(service: Service, command: string, input: object, region: string | null = null): Promise<Json> {
    if (!isInstalled(this.#options.load, PACKAGES[service])) return notInstalled(PACKAGES[service]);
    const module = this.#options.load(PACKAGES[service]);
    const Command = module[command];
    if (Command === undefined) throw new RangeError(`${PACKAGES[service]} has no ${command}`);
    const { signal } = this.#options;
    const options = signal === undefined ? {} : { abortSignal: signal };
    try {
      return { ...(await this.#client(service, region).send(new Command(input), options)) };
    } catch (error) {
      signal?.throwIfAborted();
      return errorOf(error);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  async #pages(request: SdkRequest, region: string | null, input: object): Promise<Json> {
    const { service, command, list, page } = request;
    let whole: Json | null = null;
    let token: unknown;
    for (let count = 0; count < MOST_PAGES; count += 1) {
      const next = page === undefined || token === undefined ? {} : { [page.ask]: token };
      const answer = plain(
        await this.send(service, command, { ...request.input, ...input, ...next }, region),
      );
      if ('Error' in answer) return answer;
      whole = joined(whole, answer, list);
      const given = page === undefined ? undefined : answer[page.given];
      if (page === undefined || given === undefined || given === null || given === '')
        return withoutPaging(whole);
      if (given === token)
        return { Error: { Code: 'PagingLoop', Message: 'its pages lead back to one another' } };
      token = given;
    }
    return { Error: { Code: 'TooManyPages', Message: `it has more than ${MOST_PAGES} pages` } };
  }

  #client(service: Service, region: string | null): SdkClient {
    const place = region ?? this.#options.home;
    const name = `${service} ${place}`;
    const kept = this.#clients.get(name);
    if (kept !== undefined) return kept;
    const Client = this.#options.load(PACKAGES[service])[CLIENTS[service]];
    if (Client === undefined) throw new RangeError(`${PACKAGES[service]} has no ${CLIENTS[service]}`);
    const { key, url } = this.#options;
    const client = new Client({
      region: place,
      maxAttempts: ATTEMPTS,
      requestHandler: { requestTimeout: REQUEST_MS, connectionTimeout: CONNECTION_MS },
      ...(key === null ? {} : { credentials: key }),
      ...(url === undefined ? {} : { endpoint: url }),
      ...(service === 's3' ? { followRegionRedirects: true, forcePathStyle: url !== undefined } : {}),
    }) as SdkClient;
    this.#clients.set(name, client);
    return client;
  }
}

export interface About {
  readonly region?: string;
  /** What it is about, as the reader calls it. */
  readonly subject?: string;
  readonly input?: object;
}

const notInstalled = (name: string): Json => ({
  Error: {
    Code: 'SdkMissing',
    Message: `\`npm install ${name}\` was not run where Macadam is installed`,
  },
});

function errorOf(error: unknown): Json {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { Error: { Code: name, Message: message.split('\n')[0] ?? '' } };
}

/** As JSON: times become texts, as the command line writes them. */
function plain(answer: Json): Json {
  const read: unknown = JSON.parse(JSON.stringify(answer));
  return isRecord(read) ? read : {};
}

function joined(before: Json | null, answer: Json, list: string | undefined): Json {
  if (list === undefined) return answer;
  // The SDK leaves an empty list out.
  const found = answer[list] ?? [];
  const earlier = before?.[list] ?? [];
  return Array.isArray(found) && Array.isArray(earlier)
    ? { ...answer, [list]: [...earlier, ...found] }
    : { ...answer, [list]: found };
}

const PAGING: ReadonlySet<string> = new Set([
  '$metadata',
  'NextToken',
  'NextMarker',
  'Marker',
  'ContinuationToken',
  'NextContinuationToken',
  'IsTruncated',
  'Truncated',
]);

const withoutPaging = (answer: Json): Json =>
  Object.fromEntries(Object.entries(answer).filter(([name]) => !PAGING.has(name)));
