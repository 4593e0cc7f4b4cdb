/** Stands before moto, which refuses and throttles nobody: it answers as AWS does where a permission is missing, or too much is asked. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Gate {
  readonly url: string;
  /** Permissions that are missing, as `ec2:DescribeSubnets`. */
  readonly refused: Set<string>;
  /** Permissions that were asked for too often, once. */
  readonly throttled: Set<string>;
  /** Everything that was asked since this was emptied. */
  readonly asked: string[];
  readonly close: () => void;
}

const S3: Readonly<Record<string, string>> = {
  tagging: 's3:GetBucketTagging',
  'list-type': 's3:ListBucket',
  policy: 's3:GetBucketPolicy',
  lifecycle: 's3:GetLifecycleConfiguration',
  'object-lock': 's3:GetBucketObjectLockConfiguration',
};

/** The service stands in the signature, the action in the form, in a header, or in the address. */
function permissionOf({ headers, url = '/' }: IncomingMessage, body: string): string {
  const [, service = ''] =
    /Credential=[^/]+\/\d+\/[^/]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const target = headers['x-amz-target'];
  const action =
    typeof target === 'string' ? target.split('.').at(-1) : new URLSearchParams(body).get('Action');
  if (action !== null && action !== undefined) return `${service}:${action}`;
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (service === 'scheduler')
    return pathname === '/schedules' ? 'scheduler:ListSchedules' : 'scheduler:GetSchedule';
  if (pathname === '/') return 's3:ListAllMyBuckets';
  if (searchParams.get('x-id') === 'GetObject') return 's3:GetObject';
  const [asked] = Object.keys(S3).filter((name) => searchParams.has(name));
  return asked === undefined ? 's3:other' : (S3[asked] ?? '');
}

interface Refusal {
  readonly status: number;
  readonly code: string;
}

function refuse(response: ServerResponse, permission: string, { status, code }: Refusal): void {
  const [service = ''] = permission.split(':');
  const message = `not authorized to perform: ${permission}`;
  if (['kms', 'cloudtrail', 'organizations', 'acm', 'scheduler'].includes(service)) {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code });
    response.end(JSON.stringify({ __type: code, message }));
    return;
  }
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  const bodies: Readonly<Record<string, string>> = {
    ec2: `<Response><Errors><Error>${error}</Error></Errors><RequestID>r</RequestID></Response>`,
    s3: `<Error>${error}<RequestId>r</RequestId></Error>`,
  };
  const iam = `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>r</RequestId></ErrorResponse>`;
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(bodies[service] ?? iam);
}

const DENIED: Readonly<Record<string, Refusal>> = {
  ec2: { status: 403, code: 'UnauthorizedOperation' },
  kms: { status: 400, code: 'AccessDeniedException' },
  cloudtrail: { status: 400, code: 'AccessDeniedException' },
  organizations: { status: 400, code: 'AccessDeniedException' },
  acm: { status: 400, code: 'AccessDeniedException' },
  scheduler: { status: 403, code: 'AccessDeniedException' },
};

const TOO_OFTEN: Readonly<Record<string, Refusal>> = {
  ec2: { status: 503, code: 'RequestLimitExceeded' },
  s3: { status: 503, code: 'SlowDown' },
  kms: { status: 400, code: 'ThrottlingException' },
  cloudtrail: { status: 400, code: 'ThrottlingException' },
  organizations: { status: 400, code: 'TooManyRequestsException' },
  acm: { status: 400, code: 'ThrottlingException' },
  scheduler: { status: 429, code: 'ThrottlingException' },
};

/** moto has no Network Access Analyzer: an account in which nobody analysed anything answers so. */
function noAnalyses(response: ServerResponse): void {
  const action = 'DescribeNetworkInsightsAccessScopeAnalyses';
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><networkInsightsAccessScopeAnalysisSet/></${action}Response>`,
  );
}

/** moto has dozens, and each is asked for everything; what two of them make of a list, the tests of the source hold. */
function fewRegions(response: ServerResponse): void {
  const items = ['eu-central-1'].map(
    (name) =>
      `<item><regionName>${name}</regionName><regionEndpoint>ec2.${name}.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>`,
  );
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><regionInfo>${items.join('')}</regionInfo></DescribeRegionsResponse>`,
  );
}

export async function gateBefore(endpoint: string): Promise<Gate> {
  const refused = new Set<string>();
  const throttled = new Set<string>();
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const body = Buffer.concat(parts);
      const permission = permissionOf(incoming, body.toString('utf8'));
      const [service = ''] = permission.split(':');
      asked.push(permission);
      if (refused.has(permission))
        return refuse(response, permission, DENIED[service] ?? { status: 403, code: 'AccessDenied' });
      if (throttled.delete(permission))
        return refuse(response, permission, TOO_OFTEN[service] ?? { status: 400, code: 'Throttling' });
      if (permission === 'ec2:DescribeRegions') return fewRegions(response);
      if (permission === 'ec2:DescribeNetworkInsightsAccessScopeAnalyses') return noAnalyses(response);
      const { method, headers, url } = incoming;
      const onward = request(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    refused,
    throttled,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
