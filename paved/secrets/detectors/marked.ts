/** Tokens whose first characters name their issuer, so that a form and no name nearby tells what they are. One row each. */
import type { Detector } from '../detector.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

interface Marked {
  readonly id: string;
  readonly title: string;
  /** Taken as it is: no pattern. */
  readonly prefix: string;
  /** What follows the prefix, in RE2. */
  readonly rest: string;
}

const TOKENS: readonly Marked[] = [
  {
    id: '1password-service-token',
    title: '1Password service account token',
    prefix: 'ops_',
    rest: 'eyJ[A-Za-z0-9+/_-]{200,}={0,3}',
  },
  { id: 'adafruit-io-key', title: 'Adafruit IO key', prefix: 'aio_', rest: '[A-Za-z0-9]{28}' },
  { id: 'adobe-client-secret', title: 'Adobe client secret', prefix: 'p8e-', rest: '[A-Za-z0-9-]{32}' },
  {
    id: 'airtable-token',
    title: 'Airtable personal access token',
    prefix: 'pat',
    rest: '[A-Za-z0-9]{14}\\.[a-f0-9]{62,66}',
  },
  { id: 'apify-token', title: 'Apify token', prefix: 'apify_api_', rest: '[A-Za-z0-9]{34,40}' },
  {
    id: 'asana-token',
    title: 'Asana personal access token',
    prefix: '1/',
    rest: '\\d{12,18}(?:/\\d{12,18})?:[a-f0-9]{32}',
  },
  { id: 'asana-short-token', title: 'Asana OAuth token', prefix: '0/', rest: '[a-f0-9]{32}' },
  { id: 'beamer-key', title: 'Beamer API key', prefix: 'b_', rest: '[A-Za-z0-9_=-]{44}' },
  { id: 'close-key', title: 'Close API key', prefix: 'api_', rest: '[A-Za-z0-9]{22}\\.[A-Za-z0-9]{22}' },
  {
    id: 'contentful-token',
    title: 'Contentful personal access token',
    prefix: 'CFPAT-',
    rest: '[A-Za-z0-9_-]{43,64}',
  },
  {
    id: 'defined-networking-token',
    title: 'Defined Networking token',
    prefix: 'dnkey-',
    rest: '[a-z0-9=_-]{26}-[a-z0-9=_-]{52}',
  },
  {
    id: 'clickhouse-cloud-key',
    title: 'ClickHouse Cloud secret key',
    prefix: '4b1d',
    rest: '[A-Za-z0-9]{38}',
  },
  { id: 'dfuse-key', title: 'dfuse API key', prefix: 'web_', rest: '[a-z0-9]{32}' },
  {
    id: 'doppler-token',
    title: 'Doppler token',
    prefix: 'dp.',
    rest: '(?:ct|pt|scim|audit|sa|st(?:\\.[a-z0-9_-]{2,35})?)\\.[A-Za-z0-9]{40,44}',
  },
  { id: 'dropbox-token', title: 'Dropbox access token', prefix: 'sl.', rest: '(?:u\\.)?[A-Za-z0-9_-]{120,}' },
  {
    id: 'dynatrace-token',
    title: 'Dynatrace token',
    prefix: 'dt0',
    rest: '[a-z]\\d{2}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{64}',
  },
  { id: 'figma-token', title: 'Figma personal access token', prefix: 'figd_', rest: '[A-Za-z0-9_-]{38,60}' },
  { id: 'frame-io-token', title: 'Frame.io token', prefix: 'fio-u-', rest: '[A-Za-z0-9_-]{60,72}' },
  { id: 'fullstory-key', title: 'FullStory API key', prefix: 'na1.', rest: '[A-Za-z0-9+/]{68,110}={0,2}' },
  {
    id: 'grafana-service-token',
    title: 'Grafana service account token',
    prefix: 'glsa_',
    rest: '[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}',
  },
  {
    id: 'grafana-cloud-token',
    title: 'Grafana Cloud token',
    prefix: 'glc_',
    rest: '[A-Za-z0-9+/]{32,}={0,3}',
  },
  {
    id: 'stackhawk-key',
    title: 'StackHawk API key',
    prefix: 'hawk.',
    rest: '[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{20}',
  },
  { id: 'hashicorp-vault-token', title: 'Vault token', prefix: 'hvs.', rest: '[A-Za-z0-9_-]{24,}' },
  {
    id: 'hashicorp-vault-batch-token',
    title: 'Vault batch token',
    prefix: 'hvb.',
    rest: '[A-Za-z0-9_-]{24,}',
  },
  {
    id: 'hashicorp-vault-recovery-token',
    title: 'Vault recovery token',
    prefix: 'hvr.',
    rest: '[A-Za-z0-9_-]{24,}',
  },
  { id: 'imagekit-key', title: 'ImageKit private key', prefix: 'private_', rest: '[A-Za-z0-9+/]{26,28}=' },
  { id: 'infracost-key', title: 'Infracost API key', prefix: 'ico-', rest: '[A-Za-z0-9]{32}' },
  { id: 'ionic-token', title: 'Ionic token', prefix: 'ion_', rest: '[A-Za-z0-9]{42}' },
  { id: 'launchdarkly-sdk-key', title: 'LaunchDarkly SDK key', prefix: 'sdk-', rest: UUID },
  { id: 'launchdarkly-api-key', title: 'LaunchDarkly API token', prefix: 'api-', rest: UUID },
  { id: 'linear-key', title: 'Linear API key', prefix: 'lin_api_', rest: '[A-Za-z0-9]{40,42}' },
  { id: 'linear-oauth-token', title: 'Linear OAuth token', prefix: 'lin_oauth_', rest: '[A-Za-z0-9]{40,64}' },
  {
    id: 'mapbox-secret-token',
    title: 'Mapbox secret token',
    prefix: 'sk.',
    rest: 'ey[A-Za-z0-9]{20,200}\\.[A-Za-z0-9_-]{20,30}',
  },
  {
    id: 'mapbox-temporary-token',
    title: 'Mapbox temporary token',
    prefix: 'tk.',
    rest: 'ey[A-Za-z0-9]{20,200}\\.[A-Za-z0-9_-]{20,30}',
  },
  { id: 'nightfall-key', title: 'Nightfall API key', prefix: 'NF-', rest: '[A-Za-z0-9]{32}' },
  { id: 'notion-token', title: 'Notion integration token', prefix: 'ntn_', rest: '[0-9]{11}[A-Za-z0-9]{35}' },
  { id: 'notion-secret', title: 'Notion integration secret', prefix: 'secret_', rest: '[A-Za-z0-9]{43}' },
  { id: 'new-relic-user-key', title: 'New Relic user key', prefix: 'NRAK-', rest: '[A-Z0-9]{27}' },
  { id: 'new-relic-insert-key', title: 'New Relic insert key', prefix: 'NRII-', rest: '[A-Za-z0-9_-]{32}' },
  { id: 'new-relic-query-key', title: 'New Relic query key', prefix: 'NRIQ-', rest: '[A-Za-z0-9_-]{32}' },
  { id: 'new-relic-admin-key', title: 'New Relic admin key', prefix: 'NRAA-', rest: '[a-f0-9]{27}' },
  {
    id: 'onfido-key',
    title: 'Onfido API token',
    prefix: 'api_live',
    rest: '(?:_[a-z]{2})?\\.[A-Za-z0-9_-]{11}\\.[A-Za-z0-9_-]{32}',
  },
  { id: 'onesignal-key', title: 'OneSignal key', prefix: 'os_v2_', rest: '(?:app|org)_[a-z0-9]{90,120}' },
  { id: 'openshift-token', title: 'OpenShift token', prefix: 'sha256~', rest: '[A-Za-z0-9_-]{43}' },
  {
    id: 'tailscale-key',
    title: 'Tailscale key',
    prefix: 'tskey-',
    rest: '(?:api|auth|client|scim|webhook|secret|oauth|[a-z]{3,12})-[A-Za-z0-9]{6,20}(?:-[A-Za-z0-9]{4,40})?',
  },
  { id: 'postman-key', title: 'Postman API key', prefix: 'PMAK-', rest: '[a-f0-9]{24}-[a-f0-9]{34}' },
  { id: 'prefect-key', title: 'Prefect API key', prefix: 'pnu_', rest: '[A-Za-z0-9]{36}' },
  { id: 'prefect-service-key', title: 'Prefect service key', prefix: 'pnb_', rest: '[A-Za-z0-9]{36}' },
  { id: 'readme-key', title: 'ReadMe API key', prefix: 'rdme_', rest: '[a-z0-9]{70}' },
  {
    id: 'refiner-key',
    title: 'Refiner key',
    prefix: 'refiner-',
    rest: '[a-z0-9]{8}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{12}',
  },
  {
    id: 'salesforce-token',
    title: 'Salesforce access token',
    prefix: '00D',
    rest: '[A-Za-z0-9]{12}![A-Za-z0-9_.]{80,112}',
  },
  { id: 'scalingo-token', title: 'Scalingo token', prefix: 'tk-us-', rest: '[A-Za-z0-9_-]{48}' },
  { id: 'scrapfly-key', title: 'Scrapfly key', prefix: 'scp-', rest: '(?:live|test)-[a-f0-9]{32}' },
  {
    id: 'sentry-org-token',
    title: 'Sentry organisation token',
    prefix: 'sntrys_',
    rest: 'eyJ[A-Za-z0-9+/=_-]{80,}',
  },
  { id: 'sentry-user-token', title: 'Sentry user token', prefix: 'sntryu_', rest: '[a-f0-9]{64}' },
  {
    id: 'settlemint-token',
    title: 'SettleMint token',
    prefix: 'sm_',
    rest: '(?:pat|aat|sat)_[A-Za-z0-9]{16}',
  },
  { id: 'supernotes-key', title: 'Supernotes key', prefix: 'supernotes_sk-', rest: '[A-Za-z0-9]{38,48}' },
  { id: 'teamwork-token', title: 'Teamwork token', prefix: 'tkn.v1_', rest: '[A-Za-z0-9]{71}=' },
  { id: 'ubidots-token', title: 'Ubidots token', prefix: 'BBFF-', rest: '[A-Za-z0-9]{30}' },
  {
    id: 'voiceflow-key',
    title: 'Voiceflow key',
    prefix: 'VF.',
    rest: '(?:DM|WS)\\.[a-z0-9]{24}\\.[A-Za-z0-9]{16}',
  },
  { id: 'wakatime-key', title: 'WakaTime API key', prefix: 'waka_', rest: UUID },
  { id: 'zoho-token', title: 'Zoho OAuth token', prefix: '1000.', rest: '[a-f0-9]{32}\\.[a-f0-9]{32}' },
  { id: 'zuplo-key', title: 'Zuplo API key', prefix: 'zpka_', rest: '[a-z0-9]{32}_[a-f0-9]{8}' },
  { id: 'cal-com-key', title: 'Cal.com key', prefix: 'cal_live_', rest: '[a-f0-9]{32}' },
  {
    id: 'cockroach-key',
    title: 'CockroachDB Cloud key',
    prefix: 'ccdb1_',
    rest: '[A-Za-z0-9]{22}_[A-Za-z0-9]{40}',
  },
  { id: 'deno-token', title: 'Deno Deploy token', prefix: 'ddp_', rest: '[A-Za-z0-9]{36}' },
  { id: 'deno-org-token', title: 'Deno Deploy organisation token', prefix: 'ddo_', rest: '[A-Za-z0-9]{36}' },
  { id: 'endor-key', title: 'Endor Labs key', prefix: 'endr+', rest: '[A-Za-z0-9-]{16}' },
  { id: 'gitbook-token', title: 'GitBook token', prefix: 'gb_api_', rest: '[A-Za-z0-9]{40}' },
  { id: 'honeycomb-key', title: 'Honeycomb ingest key', prefix: 'hc', rest: '[abc][ilx][kc]_[a-z0-9]{58}' },
  { id: 'intra42-secret', title: 'Intra42 secret', prefix: 's-s4t2', rest: '(?:ud|af)-[a-f0-9]{64}' },
  { id: 'lichess-token', title: 'Lichess token', prefix: 'lip_', rest: '[A-Za-z0-9]{20}' },
  {
    id: 'polar-token',
    title: 'Polar token',
    prefix: 'polar_',
    rest: '(?:pat|oat|at_u|at_o|ci|cs|rt)_[A-Za-z0-9]{32,60}',
  },
  { id: 'rootly-key', title: 'Rootly key', prefix: 'rootly_', rest: '[a-f0-9]{64}' },
  { id: 'volcengine-key', title: 'Volcano Engine key', prefix: 'AKLT', rest: '[A-Za-z0-9_-]{43}' },
  { id: 'warpstream-key', title: 'WarpStream key', prefix: 'aks_', rest: '[a-f0-9]{64}' },
  { id: 'pinterest-token', title: 'Pinterest token', prefix: 'pina_', rest: '[A-Z0-9]{64}' },
  { id: 'axiom-token', title: 'Axiom API token', prefix: 'xaat-', rest: UUID },
  { id: 'axiom-personal-token', title: 'Axiom personal token', prefix: 'xapt-', rest: UUID },
  {
    id: 'astra-token',
    title: 'DataStax Astra token',
    prefix: 'AstraCS:',
    rest: '[A-Za-z0-9]{20,30}:[a-f0-9]{64}',
  },
  { id: 'aiven-password', title: 'Password of an Aiven service', prefix: 'AVNS_', rest: '[A-Za-z0-9_-]{19}' },
  {
    id: 'amazon-login-secret',
    title: 'Login with Amazon client secret',
    prefix: 'amzn1.oa2-cs.v1.',
    rest: '[a-f0-9]{64}',
  },
  { id: 'bannerbear-key', title: 'Bannerbear API key', prefix: 'bb_', rest: '(?:pr|ma)_[a-f0-9]{30}' },
  {
    id: 'bitwarden-machine-token',
    title: 'Bitwarden machine account token',
    prefix: '0.',
    rest: '[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}\\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==',
  },
  { id: 'cartesia-key', title: 'Cartesia API key', prefix: 'sk_car_', rest: '[A-Za-z0-9]{20,32}' },
  { id: 'context7-key', title: 'Context7 API key', prefix: 'ctx7sk-', rest: UUID },
  { id: 'confluent-secret', title: 'Confluent Cloud API secret', prefix: 'cflt', rest: '[A-Za-z0-9+/]{60}' },
  { id: 'deno-user-token', title: 'Deno Deploy user token', prefix: 'ddw_', rest: '[A-Za-z0-9]{36}' },
  {
    id: 'devcycle-key',
    title: 'DevCycle SDK key',
    prefix: 'dvc_',
    rest: '(?:server|client|mobile)_[a-z0-9]{20,30}_[a-z0-9]{5,9}',
  },
  { id: 'e2b-key', title: 'E2B API key', prefix: 'e2b_', rest: '[a-f0-9]{40}' },
  {
    id: 'elastic-serverless-key',
    title: 'Elastic Cloud key',
    prefix: 'essu_',
    rest: '[A-Za-z0-9+/]{48,160}={0,2}',
  },
  {
    id: 'figma-other-token',
    title: 'Figma token of a plan or an application',
    prefix: 'fig',
    rest: '(?:p|u|o|or|ur|uh|oh)_[A-Za-z0-9_=-]{40,54}',
  },
  { id: 'fleetbase-key', title: 'Fleetbase API key', prefix: 'flb_live_', rest: '[A-Za-z0-9]{20}' },
  {
    id: 'helicone-key',
    title: 'Helicone API key',
    prefix: 'sk-helicone-',
    rest: '[a-z0-9]{7}-[a-z0-9]{7}-[a-z0-9]{7}-[a-z0-9]{7}',
  },
  {
    id: 'infisical-token',
    title: 'Infisical service token',
    prefix: 'st.',
    rest: '[a-f0-9]{24}\\.[a-f0-9]{32}\\.[a-f0-9]{32}',
  },
  {
    id: 'inngest-signing-key',
    title: 'Inngest signing key',
    prefix: 'signkey-',
    rest: '(?:prod|test|branch)-[a-f0-9]{32,64}',
  },
  { id: 'llama-cloud-key', title: 'LlamaCloud API key', prefix: 'llx-', rest: '[A-Za-z0-9]{40,60}' },
  {
    id: 'logfire-token',
    title: 'Logfire write token',
    prefix: 'pylf_v',
    rest: '[12]_[a-z]{2,9}_[A-Za-z0-9]{43}',
  },
  { id: 'mem0-key', title: 'Mem0 API key', prefix: 'm0-', rest: '[A-Za-z0-9]{40}' },
  { id: 'ntfy-token', title: 'ntfy access token', prefix: 'tk_', rest: '[a-z0-9]{29}' },
  { id: 'paypal-access-token', title: 'PayPal access token', prefix: 'A21AA', rest: '[A-Za-z0-9_-]{92}' },
  { id: 'ramp-secret', title: 'Ramp client secret', prefix: 'ramp_sec_', rest: '[A-Za-z0-9]{48}' },
  { id: 'robinhood-key', title: 'Robinhood Crypto API key', prefix: 'rh-api-', rest: UUID },
  { id: 'runpod-key', title: 'RunPod API key', prefix: 'rpa_', rest: '[A-Z0-9]{38,50}' },
  {
    id: 'salad-cloud-key',
    title: 'SaladCloud API key',
    prefix: 'salad_cloud_',
    rest: '[A-Za-z0-9]{1,7}_[A-Za-z0-9]{24,235}',
  },
  {
    id: 'salesforce-refresh-token',
    title: 'Salesforce refresh token',
    prefix: '5Aep861',
    rest: '[A-Za-z0-9._=]{76,}',
  },
  {
    id: 'snyk-token',
    title: 'Snyk token',
    prefix: 'snyk_',
    rest: '(?:uat|sat)\\.[a-z0-9]{8}\\.[A-Za-z0-9_.-]{40,160}',
  },
  { id: 'sonar-cloud-token', title: 'SonarQube Cloud token', prefix: 'sqco_', rest: '[A-Za-z0-9]{59}' },
  { id: 'statsig-key', title: 'Statsig server key', prefix: 'secret-', rest: '[A-Za-z0-9]{43}' },
  {
    id: 'stytch-secret',
    title: 'Stytch secret',
    prefix: 'secret-',
    rest: '(?:live|test)-[A-Za-z0-9_-]{36}=',
  },
  { id: 'trello-token', title: 'Trello token', prefix: 'ATTA', rest: '[a-f0-9]{64}[A-F0-9]{8}' },
  {
    id: 'trigger-key',
    title: 'Trigger.dev secret key',
    prefix: 'tr_',
    rest: '(?:prod|stg|dev|preview)_[A-Za-z0-9]{20,24}',
  },
  {
    id: 'trufflehog-secret',
    title: 'TruffleHog Enterprise secret',
    prefix: 'thog-secret-',
    rest: '[a-f0-9]{32}',
  },
  { id: 'twelve-labs-key', title: 'Twelve Labs API key', prefix: 'tlk_', rest: '[A-Z0-9]{30,40}' },
  { id: 'twitch-chat-token', title: 'Twitch chat token', prefix: 'oauth:', rest: '[a-z0-9]{30}' },
  { id: 'val-town-token', title: 'Val Town token', prefix: 'vtwn_', rest: '[A-Za-z0-9]{28,40}' },
  {
    id: 'yandex-iam-token',
    title: 'Yandex Cloud IAM token',
    prefix: 't1.',
    rest: '[A-Za-z0-9_-]{40,400}={0,2}\\.[A-Za-z0-9_-]{86}={0,2}',
  },
];

export const MARKED: readonly Detector[] = TOKENS.map(({ id, title, prefix, rest }): Detector => {
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
});

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
