/** Tokens of monitoring, infrastructure, identity and everyday tools that have a mark of their own. */
import { crc32Base62 } from '../checksum.ts';
import type { Confidence, Detector } from '../detector.ts';
import { isExample, isPlaceholder, isReference, isStock, judge, randomness } from '../judge.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

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

/** A token whose prefix says everything: prefix, title, and what follows the prefix. */
const MARKED: readonly (readonly [id: string, title: string, prefix: string, rest: string])[] = [
  ['1password-service-token', '1Password service account token', 'ops_', 'eyJ[A-Za-z0-9_-]{200,}={0,2}'],
  ['adafruit-io-key', 'Adafruit IO key', 'aio_', '[A-Za-z0-9]{28}'],
  ['adobe-client-secret', 'Adobe client secret', 'p8e-', '[A-Za-z0-9-]{32}'],
  ['airtable-token', 'Airtable personal access token', 'pat', '[A-Za-z0-9]{14}\\.[a-f0-9]{62,66}'],
  ['apify-token', 'Apify token', 'apify_api_', '[A-Za-z0-9]{34,40}'],
  ['asana-token', 'Asana personal access token', '1/', '\\d{12,18}(?:/\\d{12,18})?:[a-f0-9]{32}'],
  ['asana-short-token', 'Asana OAuth token', '0/', '[a-f0-9]{32}'],
  ['beamer-key', 'Beamer API key', 'b_', '[A-Za-z0-9_=-]{44}'],
  ['close-key', 'Close API key', 'api_', '[A-Za-z0-9]{22}\\.[A-Za-z0-9]{22}'],
  ['contentful-token', 'Contentful personal access token', 'CFPAT-', '[A-Za-z0-9_-]{43,64}'],
  ['defined-networking-token', 'Defined Networking token', 'dnkey-', '[a-z0-9=_-]{26}-[a-z0-9=_-]{52}'],
  ['clickhouse-cloud-key', 'ClickHouse Cloud secret key', '4b1d', '[A-Za-z0-9]{38}'],
  ['dfuse-key', 'dfuse API key', 'web_', '[a-z0-9]{32}'],
  [
    'doppler-token',
    'Doppler token',
    'dp.',
    '(?:ct|pt|scim|audit|sa|st(?:\\.[a-z0-9_-]{2,35})?)\\.[A-Za-z0-9]{40,44}',
  ],
  ['dropbox-token', 'Dropbox access token', 'sl.', '(?:u\\.)?[A-Za-z0-9_-]{120,}'],
  ['dynatrace-token', 'Dynatrace token', 'dt0', '[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}'],
  ['figma-token', 'Figma personal access token', 'figd_', '[A-Za-z0-9_-]{38,60}'],
  ['frame-io-token', 'Frame.io token', 'fio-u-', '[A-Za-z0-9_-]{60,72}'],
  ['fullstory-key', 'FullStory API key', 'na1.', '[A-Za-z0-9+/]{68,110}={0,2}'],
  ['grafana-service-token', 'Grafana service account token', 'glsa_', '[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}'],
  ['grafana-cloud-token', 'Grafana Cloud token', 'glc_', '[A-Za-z0-9+/]{32,}={0,3}'],
  ['stackhawk-key', 'StackHawk API key', 'hawk.', '[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{20}'],
  ['hashicorp-vault-token', 'Vault token', 'hvs.', '[A-Za-z0-9_-]{24,}'],
  ['hashicorp-vault-batch-token', 'Vault batch token', 'hvb.', '[A-Za-z0-9_-]{24,}'],
  ['hashicorp-vault-recovery-token', 'Vault recovery token', 'hvr.', '[A-Za-z0-9_-]{24,}'],
  ['imagekit-key', 'ImageKit private key', 'private_', '[A-Za-z0-9+/]{26,28}='],
  ['infracost-key', 'Infracost API key', 'ico-', '[A-Za-z0-9]{32}'],
  ['ionic-token', 'Ionic token', 'ion_', '[A-Za-z0-9]{42}'],
  ['launchdarkly-sdk-key', 'LaunchDarkly SDK key', 'sdk-', UUID],
  ['launchdarkly-api-key', 'LaunchDarkly API token', 'api-', UUID],
  ['linear-key', 'Linear API key', 'lin_api_', '[A-Za-z0-9]{40,42}'],
  ['linear-oauth-token', 'Linear OAuth token', 'lin_oauth_', '[A-Za-z0-9]{40,64}'],
  ['mapbox-secret-token', 'Mapbox secret token', 'sk.', 'ey[A-Za-z0-9]{20,200}\\.[A-Za-z0-9_-]{20,30}'],
  ['mapbox-temporary-token', 'Mapbox temporary token', 'tk.', 'ey[A-Za-z0-9]{20,200}\\.[A-Za-z0-9_-]{20,30}'],
  ['nightfall-key', 'Nightfall API key', 'NF-', '[A-Za-z0-9]{32}'],
  ['notion-token', 'Notion integration token', 'ntn_', '[0-9]{11}[A-Za-z0-9]{35}'],
  ['notion-secret', 'Notion integration secret', 'secret_', '[A-Za-z0-9]{43}'],
  ['new-relic-user-key', 'New Relic user key', 'NRAK-', '[A-Z0-9]{27}'],
  ['new-relic-insert-key', 'New Relic insert key', 'NRII-', '[A-Za-z0-9_-]{32}'],
  ['new-relic-query-key', 'New Relic query key', 'NRIQ-', '[A-Za-z0-9_-]{32}'],
  ['new-relic-admin-key', 'New Relic admin key', 'NRAA-', '[a-f0-9]{27}'],
  ['onfido-key', 'Onfido API token', 'api_live', '(?:_[a-z]{2})?\\.[A-Za-z0-9_-]{11}\\.[A-Za-z0-9_-]{32}'],
  ['onesignal-key', 'OneSignal key', 'os_v2_', '(?:app|org)_[a-z0-9]{90,120}'],
  ['openshift-token', 'OpenShift token', 'sha256~', '[A-Za-z0-9_-]{43}'],
  [
    'tailscale-key',
    'Tailscale key',
    'tskey-',
    '(?:api|auth|client|scim|webhook|secret|oauth|[a-z]{3,12})-[A-Za-z0-9]{6,20}(?:-[A-Za-z0-9]{4,40})?',
  ],
  ['postman-key', 'Postman API key', 'PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'],
  ['prefect-key', 'Prefect API key', 'pnu_', '[A-Za-z0-9]{36}'],
  ['prefect-service-key', 'Prefect service key', 'pnb_', '[A-Za-z0-9]{36}'],
  ['readme-key', 'ReadMe API key', 'rdme_', '[a-z0-9]{70}'],
  ['refiner-key', 'Refiner key', 'refiner-', '[a-z0-9]{8}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{12}'],
  ['salesforce-token', 'Salesforce access token', '00D', '[A-Za-z0-9]{12}![A-Za-z0-9_.]{80,112}'],
  ['scalingo-token', 'Scalingo token', 'tk-us-', '[A-Za-z0-9_-]{48}'],
  ['scrapfly-key', 'Scrapfly key', 'scp-', '(?:live|test)-[a-f0-9]{32}'],
  ['sentry-org-token', 'Sentry organisation token', 'sntrys_', 'eyJ[A-Za-z0-9+/=_-]{80,}'],
  ['sentry-user-token', 'Sentry user token', 'sntryu_', '[a-f0-9]{64}'],
  ['settlemint-token', 'SettleMint token', 'sm_', '(?:pat|aat|sat)_[A-Za-z0-9]{16}'],
  ['supernotes-key', 'Supernotes key', 'supernotes_sk-', '[A-Za-z0-9]{38,48}'],
  ['teamwork-token', 'Teamwork token', 'tkn.v1_', '[A-Za-z0-9]{71}='],
  ['ubidots-token', 'Ubidots token', 'BBFF-', '[A-Za-z0-9]{30}'],
  ['voiceflow-key', 'Voiceflow key', 'VF.', '(?:DM|WS)\\.[a-z0-9]{24}\\.[A-Za-z0-9]{16}'],
  ['wakatime-key', 'WakaTime API key', 'waka_', UUID],
  ['zoho-token', 'Zoho OAuth token', '1000.', '[a-f0-9]{32}\\.[a-f0-9]{32}'],
  ['zuplo-key', 'Zuplo API key', 'zpka_', '[a-z0-9]{32}_[a-f0-9]{8}'],
  [
    'authress-key',
    'Authress access key',
    'sc_',
    '[A-Za-z0-9]{5,30}\\.[A-Za-z0-9]{4,6}\\.acc[_-][A-Za-z0-9-]{10,32}\\.[A-Za-z0-9+/_=-]{30,120}',
  ],
  ['cal-com-key', 'Cal.com key', 'cal_live_', '[a-f0-9]{32}'],
  ['cockroach-key', 'CockroachDB Cloud key', 'ccdb1_', '[A-Za-z0-9]{22}_[A-Za-z0-9]{40}'],
  ['deno-token', 'Deno Deploy token', 'ddp_', '[A-Za-z0-9]{36}'],
  ['deno-org-token', 'Deno Deploy organisation token', 'ddo_', '[A-Za-z0-9]{36}'],
  ['endor-key', 'Endor Labs key', 'endr+', '[A-Za-z0-9-]{16}'],
  ['gitbook-token', 'GitBook token', 'gb_api_', '[A-Za-z0-9]{40}'],
  ['honeycomb-key', 'Honeycomb ingest key', 'hc', '[abc][ilx][kc]_[a-z0-9]{58}'],
  ['intra42-secret', 'Intra42 secret', 's-s4t2', '(?:ud|af)-[a-f0-9]{64}'],
  ['lichess-token', 'Lichess token', 'lip_', '[A-Za-z0-9]{20}'],
  ['polar-token', 'Polar token', 'polar_', '(?:pat|oat|at_u|at_o|ci|cs|rt)_[A-Za-z0-9]{32,60}'],
  ['rootly-key', 'Rootly key', 'rootly_', '[a-f0-9]{64}'],
  ['volcengine-key', 'Volcano Engine key', 'AKLT', '[A-Za-z0-9]{43}'],
  ['warpstream-key', 'WarpStream key', 'aks_', '[a-f0-9]{64}'],
  ['pinterest-token', 'Pinterest token', 'pina_', '[A-Z0-9]{64}'],
];

/** Prefixes too short for the keyword search are looked for with the first characters that must follow. */
const SHORT: readonly Detector[] = [
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
    pattern: '_gitlab_session=([0-9a-f]{32})',
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

export const OPERATIONS: readonly Detector[] = [
  ...MARKED.map(([id, title, prefix, rest]): Detector => {
    const literal = [...prefix].map((char) => (/[.+]/.test(char) ? `\\${char}` : char)).join('');
    return {
      id,
      title,
      keywords: prefix.length >= 3 ? [prefix.toLowerCase()] : extended(prefix),
      pattern: `${literal}${rest}`,
      ...followedBy(prefix, rest),
      reach: 1600,
      confidence: 'high',
      ...(id === 'tailscale-key' ? {} : { entropy: 2.5 }),
      edges: id === 'tailscale-key' ? 'letter' : id === 'frame-io-token' ? 'none' : 'word',
    };
  }),
  ...SHORT,
];

/** What must follow a prefix, where a run of one sort of characters does: most words with its letters end before. */
function followedBy(prefix: string, rest: string): { follows?: RegExp } {
  const [, sort = '', least = ''] = /^(\[[^\]]+\]|\\d)\{(\d+)/.exec(rest) ?? [];
  // A short prefix has its first character in the keyword.
  const count = Number(least) - (prefix.length < 3 ? 1 : 0);
  return sort === '' || count < 4 ? {} : { follows: new RegExp(`${sort}{${count}}`, 'y') };
}

/** A keyword needs three characters: a two-character prefix is tried with every digit or letter that may follow. */
function extended(prefix: string): string[] {
  return [...'0123456789abcdefghijklmnopqrstuvwxyz'].map((char) => prefix + char);
}
