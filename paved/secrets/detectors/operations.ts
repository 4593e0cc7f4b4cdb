/** Tokens of monitoring, infrastructure, identity and everyday tools that have a mark of their own. */
import { crc32Base62 } from '../checksum.ts';
import type { Confidence, Detector } from '../detector.ts';
import { isExample, isPlaceholder, isReference, isStock, judge, randomness } from '../judge.ts';

const plainOf = (secret: string): string => Buffer.from(secret, 'base64').toString('latin1');

/** A user name with a password in base64, as `Basic` asks for it. */
function judgeEncodedPair(secret: string): Confidence | null {
  const plain = plainOf(secret);
  const password = plain.slice(plain.indexOf(':') + 1);
  if (isPlaceholder(password) || isReference(password)) return null;
  return isStock(password) || isExample(password) || password.length < 8 ? 'low' : 'medium';
}

/** A value of a Kubernetes Secret, which `data` has in base64 and `stringData` as it is. */
function judgeSecretValue(secret: string): Confidence | null {
  const plain = plainOf(secret);
  const value = /^[\x20-\x7e\n]+$/.test(plain) ? plain.trim() : secret;
  if (isReference(value)) return null;
  if (isPlaceholder(value) || isStock(value) || value.length < 8) return 'low';
  const judged = [judge(value, 'password'), judge(value, 'token')];
  return judged.includes('medium') || value === secret ? 'medium' : 'low';
}

/** A value whose key does not say what it is: only what a machine drew. */
function judgeSecretData(secret: string): Confidence | null {
  const plain = plainOf(secret).trim();
  return /^[\x21-\x7e]{8,200}$/.test(plain) && randomness(plain) === 'medium' ? 'medium' : null;
}

export const OPERATIONS: readonly Detector[] = [
  {
    id: 'airtable-oauth-token',
    title: 'Airtable OAuth token',
    keywords: ['.v1.'],
    pattern: '[A-Za-z0-9]{6,40}\\.v1\\.[A-Za-z0-9_-]{10,200}\\.[a-f0-9]{12,128}',
    before: 40,
    reach: 400,
    generic: true,
    confidence: 'medium',
    accept: (secret) => /\d/.test(secret),
  },
  {
    id: 'maxmind-key',
    title: 'MaxMind licence key',
    keywords: ['_mmk'],
    pattern: '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk',
    before: 36,
    confidence: 'high',
  },
  {
    id: 'macadam-token',
    title: 'Macadam API token',
    keywords: ['mcd_'],
    pattern: 'mcd_[A-Za-z0-9]{36}',
    confidence: 'high',
    checksum: crc32Base62,
  },
  {
    id: 'authress-key',
    title: 'Authress access key',
    keywords: ['.acc-', '.acc_'],
    pattern:
      '(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\\.[A-Za-z0-9]{4,6}\\.acc[_-][A-Za-z0-9-]{10,32}\\.[A-Za-z0-9+/_=-]{30,120}',
    before: 48,
    confidence: 'high',
  },
  {
    id: 'new-relic-licence-key',
    title: 'New Relic licence key',
    keywords: ['ffffnral'],
    pattern: '(?:[0-9a-f]{32}|eu01xx[0-9a-f]{26})FFFFNRAL',
    before: 32,
    confidence: 'high',
  },
  {
    id: 'freemius-secret-key',
    title: 'Freemius secret key',
    keywords: ['secret_key'],
    follows: /["']\s{0,8}=>\s{0,8}["']sk_/y,
    pattern: '["\']secret_key["\']\\s*=>\\s*["\'](sk_[^\\s"\']{29})["\']',
    before: 1,
    confidence: 'high',
    entropy: 3,
    edges: 'none',
  },
  {
    id: 'jenkins-token',
    title: 'Jenkins token or crumb',
    keywords: ['jenkins', 'crumb'],
    pattern: '(?i:jenkins|crumb)[^\\n]{0,24}?[\\s=:"\']{1,4}((?:11)?[0-9a-f]{32})',
    generic: true,
    confidence: 'high',
    accept: (secret) => secret.length === 34 || secret.length === 32,
  },
  {
    id: 'code-climate-reporter',
    title: 'Code Climate reporter id',
    keywords: ['cc_test_reporter_id'],
    pattern: 'CC_TEST_REPORTER_ID["\']?\\s{0,3}[=:]\\s{0,3}["\']?([a-f0-9]{64})',
    confidence: 'high',
  },
  {
    id: 'figma-header',
    title: 'Figma token of the older form',
    keywords: ['figma'],
    pattern:
      '(?i:figma)[^\\n]{0,24}?[:=\\s"\']{1,4}(\\d{4,8}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
    confidence: 'high',
  },
  {
    id: 'okta-token',
    title: 'Okta API token',
    keywords: ['okta', 'ssws'],
    pattern: '(?i:okta|ssws)[^\\n]{0,60}?\\s?[^A-Za-z0-9_-](00[A-Za-z0-9_-]{39,42})(?:[^A-Za-z0-9_-]|$)',
    confidence: 'high',
  },
  {
    id: 'okta-default-token',
    title: 'Okta API token in a variable',
    keywords: ['okta'],
    pattern: '(?i:okta)[^\\n]{0,40}\\{\\s{0,20}default\\s*=\\s*"(00[A-Za-z0-9_-]{39,42})"',
    confidence: 'high',
  },
  {
    id: 'truenas-key',
    title: 'TrueNAS API key',
    keywords: ['login_with_api_key', 'bearer'],
    follows: /[^A-Za-z0-9][\s\S]{0,61}?["\s]?\d{1,3}-[A-Za-z0-9]{64}/y,
    pattern: '(?i:login_with_api_key|bearer)[^A-Za-z0-9][\\s\\S]{0,60}?["\\s](\\d{1,3}-[A-Za-z0-9]{64})',
    confidence: 'high',
  },
  {
    id: 'grafana-key',
    title: 'Grafana API key',
    keywords: ['eyjrijoi'],
    pattern: 'eyJrIjoi[A-Za-z0-9+/_-]{60,160}={0,2}',
    confidence: 'high',
    edges: 'letter',
  },
  {
    id: 'thingsboard-token',
    title: 'ThingsBoard device token',
    keywords: ['thingsboard.cloud/api/v1/', 'provisiondevicekey', 'provisiondevicesecret'],
    pattern:
      '(?i:thingsboard\\.cloud/api/v1/|provisionDevice(?:Key|Secret)["\\\\]{1,3}\\s*:\\s*["\\\\]{1,3})([a-z0-9]{20})',
    confidence: 'high',
  },
  {
    id: 'query-token',
    title: 'Token in the query of an address or the header of a request',
    keywords: [
      'access_token=',
      'auth_token=',
      'token=',
      '?key=',
      '&key=',
      'bearer ',
      'api_key=',
      'apikey=',
      'api-key:',
      'x-api-key',
      'authorization:',
    ],
    follows: /["']?\s{0,3}[:=,]?\s{0,3}["']?(?:[Tt]oken\s)?[A-Za-z0-9_.~+/-]{16}/y,
    pattern:
      '(?i:[?&"\'\\s](?:access_token|token|api_key|apikey|auth_token)=|[?&]key=|bearer\\s{1,3}|x-api-key["\']?\\s{0,3}[:=,]\\s{0,3}["\']?|authorization:\\s{0,3}(?:token\\s)?)([A-Za-z0-9_.~+/-]{16,}={0,2})(?:["\'\\s&\\\\,)]|$)',
    before: 1,
    reach: 660,
    generic: true,
    confidence: 'medium',
    edges: 'none',
    assess: (secret) => judge(secret, 'token'),
    accept: (secret) => !/^(?:process|config|self|this)\.|\.(?:com|json|js)$|xxxx|example|your/i.test(secret),
  },
  {
    id: 'blynk-client-secret',
    title: 'Blynk client credentials',
    keywords: ['oa2-client-id_'],
    pattern: 'oa2-client-id_[A-Za-z0-9_-]{32}(?::|&client_secret=)([A-Za-z0-9_-]{40})',
    confidence: 'high',
    edges: 'none',
  },
  {
    id: 'basic-header',
    title: 'User name and password in a Basic authorization header',
    keywords: ['basic '],
    pattern:
      '(?i:authorization)["\']?\\s{0,3}[:=,]\\s{0,3}["\']?(?i:basic)\\s{1,3}([A-Za-z0-9+/]{12,}={0,2})',
    before: 24,
    reach: 430,
    generic: true,
    confidence: 'medium',
    accept: (secret) => /^[\x20-\x7e]{1,80}:[\x20-\x7e]{4,}$/.test(plainOf(secret)),
    assess: judgeEncodedPair,
  },
  {
    id: 'gitlab-session',
    title: 'GitLab session cookie',
    keywords: ['_gitlab_session='],
    pattern: '_gitlab_session=([0-9a-z]{32})',
    confidence: 'high',
    edges: 'none',
  },
  {
    id: 'sidekiq-credentials',
    title: 'User and password of the Sidekiq Enterprise registry',
    keywords: ['contribsys__com'],
    before: 24,
    pattern:
      '(?i:BUNDLE_(?:ENTERPRISE|GEMS)__CONTRIBSYS__COM)["\']?\\s{0,3}[=:]\\s{0,3}["\']?([a-f0-9]{8}:[a-f0-9]{8})',
    confidence: 'high',
  },
  {
    id: '1password-secret-key',
    title: '1Password account secret key',
    keywords: ['a3-'],
    pattern: 'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}',
    confidence: 'high',
    entropy: 3.5,
  },
  {
    id: 'kubernetes-secret-data',
    title: 'Encoded value in a Kubernetes Secret',
    keywords: ['kind: secret'],
    pattern:
      'kind: Secret\\b[\\s\\S]{0,}?\\ndata:\\s*\\n(?:[ \\t]+[^\\n]*\\n)*?[ \\t]+[\\w.-]+:[ \\t]*["\']?([A-Za-z0-9+/]{16,}={0,2})["\']?[ \\t]*(?:\\n|$)',
    reach: 2600,
    confidence: 'medium',
    edges: 'none',
    generic: true,
    assess: judgeSecretData,
  },
  {
    id: 'kubernetes-secret',
    title: 'Value in a Kubernetes Secret',
    keywords: ['kind: secret'],
    pattern:
      'kind: Secret\\b[\\s\\S]{0,}?\\n(?:data|stringData):\\s*\\n(?:[ \\t]+[^\\n]*\\n)*?[ \\t]+[\\w.-]*(?i:password|passwd|token|secret|key|credential)[\\w.-]*:[ \\t]*["\']?([A-Za-z0-9+/=_-]{6,})',
    reach: 2600,
    generic: true,
    confidence: 'medium',
    edges: 'none',
    assess: judgeSecretValue,
  },
];
