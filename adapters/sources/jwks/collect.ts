/**
 * The key set of an issuer as everybody who trusts it reads it. It shows which key stands under which id, and nothing of where the key lives:
 * that says the key store, and whether both mean the same key is judged of the two together.
 */
import {
  assetId,
  type Collection,
  type Observation,
  type Partition,
  type Problem,
} from '@macadam/core/facts/observation';
import { isLoopback } from '../../connector/connector.ts';
import { isAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { isRecord } from '../../imports/directories/answer.ts';
import { collectEach, connectTo } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { addressFault, keySetIn, type PublishedKey } from './key-set.ts';

const SOURCE = 'jwks';
/** Where an issuer describes itself: OpenID Connect Discovery, and RFC 8414 for one that gives out no identities. */
const DESCRIPTIONS: readonly ((issuer: URL) => string)[] = [
  ({ pathname }) => `${pathname.replace(/\/$/, '')}/.well-known/openid-configuration`,
  ({ pathname }) => `/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`,
];

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const issuers = issuersOf(request.targets);
  const asked = {
    source: SOURCE,
    request,
    targets: issuers,
    nameOf: (issuer: string) => issuer,
    emit,
    report,
  };
  return collectEach(asked, async (issuer, collected) => {
    const found = await publishedBy(issuer, request);
    const { keys, problems } = 'problem' in found ? { keys: [], problems: [found.problem] } : found;
    const times = { observedAt: collected.startedAt, receivedAt: collected.startedAt };
    const partition: Partition = {
      kind: 'signing-key',
      container: issuer,
      containerName: issuer,
      complete: false,
      seen: keys.length,
      cause: 'unobserved',
      why: 'a key set shows what is published, and not which other keys the issuer has; collect them from the key store',
    };
    collected.read({
      observations: keys.map((key) => observationOf(issuer, key, times)),
      collection: { partitions: [partition], problems },
    });
  });
}

function issuersOf(targets: readonly string[]): readonly string[] {
  if (targets.length === 0) throw new TypeError('the jwks source needs the address of an issuer');
  for (const target of targets) {
    const url = URL.canParse(target) ? new URL(target) : null;
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
    if (url === null || !isSafe || url.search !== '' || url.hash !== '' || url.username !== '')
      throw new TypeError(
        `${JSON.stringify(target)} is not the address of an issuer; it is written like https://login.example.com`,
      );
  }
  return [...new Set(targets)];
}

interface Published {
  readonly keys: readonly PublishedKey[];
  readonly problems: readonly Problem[];
}

async function publishedBy(
  issuer: string,
  request: CollectRequest,
): Promise<Published | { readonly problem: Problem }> {
  const address = await keySetAddress(issuer, request);
  if ('problem' in address) return address;
  const fault = addressFault(new URL(issuer), new URL(address.url));
  if (fault !== null)
    return { problem: unread(issuer, `its key set ${address.url} is not asked for: ${fault}`) };
  const outcome = await ask(address.url, request);
  const set = isAnswer(outcome) ? keySetIn(outcome.body) : null;
  if (set === null)
    return {
      problem: unread(issuer, `its key set ${address.url} ${reasonOf(outcome, 'holds no list `keys`')}`),
    };
  const problems: Problem[] = set.keys.flatMap(({ id, showsPrivate }) =>
    showsPrivate ? [leaked(issuer, id)] : [],
  );
  if (set.withoutId > 0)
    problems.push({
      code: 'id-missing',
      cause: 'incomplete',
      message: `${set.withoutId} keys in the key set of ${issuer} have no \`kid\`, so nobody can say which they are`,
      remedy: 'give every key an id of its own',
    });
  return { keys: set.keys, problems };
}

/** An issuer names its key set itself; what another one says is none of its. */
async function keySetAddress(
  issuer: string,
  request: CollectRequest,
): Promise<{ readonly url: string } | { readonly problem: Problem }> {
  let said = '';
  for (const description of DESCRIPTIONS) {
    const outcome = await ask(new URL(description(new URL(issuer)), issuer).href, request);
    const body = isAnswer(outcome) && isRecord(outcome.body) ? outcome.body : null;
    said ||= reasonOf(outcome, 'is not a record');
    if (body === null) continue;
    if (body.issuer !== issuer)
      return {
        problem: unread(
          issuer,
          `what stands there says that it is of ${JSON.stringify(body.issuer) ?? 'nobody'}`,
        ),
      };
    const { jwks_uri: url } = body;
    return typeof url === 'string' && URL.canParse(url)
      ? { url }
      : { problem: unread(issuer, 'its description names no `jwks_uri`') };
  }
  return { problem: unread(issuer, `its description ${said}`) };
}

const reasonOf = (outcome: RequestOutcome, otherwise: string): string =>
  isAnswer(outcome) ? otherwise : `cannot be read: ${outcome.message}`;

/** Without a credential: what only some may read, nobody who trusts the issuer reads. */
async function ask(url: string, request: CollectRequest): Promise<RequestOutcome> {
  const { origin, pathname, search } = new URL(url);
  return connectTo(origin, undefined, request).request({ path: `${pathname}${search}` });
}

const unread = (issuer: string, why: string): Problem => ({
  code: 'key-set-unread',
  cause: 'failed',
  message: `the keys of ${issuer} were not read: ${why}`,
  remedy: 'look at the address, and whether the issuer answers from here as it does from elsewhere',
});

const leaked = (issuer: string, id: string): Problem => ({
  code: 'private-part-published',
  cause: 'failed',
  message: `the key set of ${issuer} shows the private part of the key ${id}`,
  remedy: 'take the key out of use at once: whoever read the set can sign as the issuer',
});

function observationOf(
  issuer: string,
  { id, thumbprint }: PublishedKey,
  times: Pick<Observation, 'observedAt' | 'receivedAt'>,
): Observation {
  return {
    kind: 'signing-key',
    id: assetId('signing-key', [issuer, id]),
    name: `${id} of ${issuer}`,
    source: SOURCE,
    ...times,
    assurance: 'effective',
    container: issuer,
    attributes: {
      issuer: { value: issuer },
      key_id: { value: id },
      served_thumbprint:
        'value' in thumbprint ? { value: thumbprint.value } : { unobserved: 'failed', why: thumbprint.why },
    },
  };
}
