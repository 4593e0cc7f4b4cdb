/** Keys of clouds and of what runs in them. */
import type { Around, Confidence, Detector } from '../detector.ts';
import { randomness } from '../judge.ts';

/** Where a secret key of AWS stands close by, its id is half of a pair that opens; alone it only names an account's key. */
const SECRET_KEY =
  /(?:^|[^A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*\d)(?=[A-Za-z0-9/+]*[a-z])[A-Za-z0-9/+]{40}(?:$|[^A-Za-z0-9/+=])/;

function accessKey(_: string, { before, after }: Around): Confidence | null {
  // A signed address carries the id in the clear; the signature beside it is what opens, and for days at most.
  if (/(?:X-Amz-Credential|AWSAccessKeyId|Credential)=["']?$/i.test(before)) return null;
  const paired = SECRET_KEY.test(before.slice(-300)) || SECRET_KEY.test(after.slice(0, 300));
  return paired ? 'high' : 'low';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The ids of other clouds, whose keys have no form of their own: a random value of some length stands beside, and no other id. */
function pairedId(id: string, { before, after }: Around): Confidence {
  const form = id.slice(0, 4);
  const drawn = (text: string) =>
    (text.match(/[A-Za-z0-9/+-]{30,64}/g) ?? []).some(
      (value) =>
        !value.startsWith(form) &&
        // An answer has the id of its request beside; the keys of Scaleway alone are UUIDs.
        (form.startsWith('SCW') || !UUID.test(value)) &&
        randomness(value) === 'medium',
    );
  return drawn(before.slice(-200)) || drawn(after.slice(0, 200)) ? 'high' : 'low';
}

/** Firebase gives its key to every browser and phone; what it may do is said by rules elsewhere. */
const FIREBASE =
  /authDomain|firebaseapp\.com|firebaseio\.com|firebaseConfig|messagingSenderId|mobilesdk_app_id|google_app_id|firebase_database_url|gcm_default_?sender_?id|google_crash_reporting_api_key|GCM_SENDER_ID/i;

function googleKey(_: string, { before, after }: Around): Confidence | null {
  return FIREBASE.test(before) || FIREBASE.test(after) ? null : 'medium';
}

/** `se=` says until when a shared access signature is good. */
function signatureExpiry(_: string, { before, after }: Around): string | undefined {
  const ends = /[?&]se=(\d{4}-\d{2}-\d{2}(?:T\d{2}(?::|%3A)\d{2}(?:(?::|%3A)\d{2})?Z)?)/i;
  const found = ends.exec(before.slice(before.lastIndexOf('?')))?.[1] ?? ends.exec(after.slice(0, 300))?.[1];
  const time = new Date((found ?? '').replaceAll(/%3A/gi, ':'));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

export const CLOUDS: readonly Detector[] = [
  {
    id: 'aws-access-key',
    title: 'AWS access key id',
    keywords: ['akia', 'asia', 'abia', 'acca', 'a3t'],
    pattern: '(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
    confidence: 'high',
    entropy: 3,
    assess: accessKey,
  },
  {
    id: 'aws-secret-key',
    title: 'AWS secret access key',
    keywords: ['secret', 'aws'],
    follows: /[A-Za-z_.\- ]{0,24}["'\\]{0,2}\s{0,6}(?:=>|:=|[=:,])?\s{0,6}["'\\]{0,2}[A-Za-z0-9/+]{40}/y,
    pattern:
      '(?i:aws|secret)[A-Za-z_.\\- ]{0,24}(?i:key|secret|token)["\'\\\\]{0,2}\\s{0,6}(?:=>|:=|[=:,])?\\s{0,6}["\'\\\\]{0,2}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)',
    generic: true,
    confidence: 'high',
    entropy: 4.2,
    accept: (secret) =>
      !/EXAMPLEKEY$/.test(secret) &&
      !/^[a-f0-9]+$/i.test(secret) &&
      /\d/.test(secret) &&
      /[A-Z]/.test(secret) &&
      /[a-z]/.test(secret),
  },
  {
    id: 'aws-session-token',
    title: 'AWS session token',
    keywords: [
      'session_token',
      'sessiontoken',
      'fwogzxivyxdz',
      'fqogzxivyxdz',
      'fqodyxdz',
      'iqojb3jpz2lu',
      'igojb3jpz2lu',
    ],
    pattern:
      '(?i:session_?token)["\'\\\\]{0,2}\\s{0,6}(?:=>|:=|[=:,])\\s{0,6}["\'\\\\]{0,2}([A-Za-z0-9/+=._-]{100,})|((?:F[wQ]oGZXIvYXdz|FQoDYXdz|I[Qg]oJb3JpZ2lu)[A-Za-z0-9/+]{80,}={0,2})',
    reach: 1700,
    edges: 'none',
    confidence: 'high',
    // In a signed address it is one half of two: without the secret key it opens nothing.
    assess: (_, { before }) => (/X-Amz-Security-Token=$/i.test(before) ? null : 'high'),
  },
  {
    id: 'aws-bedrock-key',
    title: 'Amazon Bedrock API key',
    keywords: ['absk', 'bedrock-api-key-'],
    pattern: 'ABSK[A-Za-z0-9+/]{100,260}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{80,}',
    reach: 1400,
    confidence: 'high',
  },
  {
    id: 'aws-mws-token',
    title: 'Amazon MWS token',
    keywords: ['amzn.mws.'],
    pattern: 'amzn\\.mws\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    confidence: 'high',
  },
  {
    id: 'azure-account-key',
    title: 'Azure storage, batch or database account key',
    keywords: ['accountkey', 'sharedaccesskey', 'storagekey', 'storage_key', 'primarykey'],
    pattern:
      '(?i:AccountKey|SharedAccessKey|storage_?key|PrimaryKey)["\']?\\s{0,3}[=:]\\s{0,3}["\']?([A-Za-z0-9+/]{42,120}={0,2})',
    confidence: 'high',
    entropy: 3.8,
    edges: 'none',
  },
  {
    id: 'azure-app-configuration',
    title: 'Azure App Configuration connection string',
    keywords: ['.azconfig.io'],
    pattern: '\\.azconfig\\.io;Id=[^;\\s]{4,40};Secret=([A-Za-z0-9+/]{36,100}=?)',
    edges: 'none',
    confidence: 'high',
  },
  {
    id: 'azure-signature',
    title: 'Azure shared access signature',
    keywords: ['sig='],
    pattern: '[?&](?:sv|se|sp|sr|ss)=[^\\s"\']{4,200}&sig=([A-Za-z0-9%+/]{40,70}(?:%3[Dd]|=))',
    before: 210,
    edges: 'none',
    confidence: 'high',
    expiry: signatureExpiry,
  },
  {
    id: 'azure-identifiable-key',
    title: 'Azure key with a signature inside',
    keywords: [
      'azdo',
      '+ast',
      'acdb',
      '+aba',
      '+amc',
      'aiot',
      '+asb',
      '+aeh',
      '+arm',
      'azse',
      '+acr',
      'azfu',
      'jqqj99',
    ],
    pattern:
      '[A-Za-z0-9+/]{76}(?:AZDO)[A-Za-z0-9]{4}|[A-Za-z0-9+/]{76}(?:\\+ASt|ACDb|\\+ABa|\\+AMC|AIoT|\\+ASb|\\+AEh|\\+ARm)[A-Za-z0-9+/]{5}[AQgw]==|[A-Za-z0-9+/]{42}(?:AzSe[A-D]|\\+ACR[A-D])[A-Za-z0-9+/]{5}|[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4}[A-Za-z0-9_=-]{2,4}|[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}',
    before: 80,
    confidence: 'high',
  },
  {
    id: 'azure-devops-token',
    title: 'Azure DevOps personal access token',
    keywords: ['token', 'pat', 'azure', 'devops', 'ado_'],
    follows: /[A-Za-z_]{0,12}["']?\s{0,4}[=:]\s{0,4}["']?[a-z2-7]{52}/y,
    pattern:
      '(?i:token|[_ ]pat|\\bpat|devops|azure)[A-Za-z_]{0,12}["\']?\\s{0,4}[=:]\\s{0,4}["\']?([a-z2-7]{52})',
    generic: true,
    confidence: 'medium',
    entropy: 3.8,
  },
  {
    id: 'azure-client-secret',
    title: 'Microsoft Entra client secret',
    keywords: [...'0123456789'].map((digit) => `${digit}q~`),
    pattern: '[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}',
    before: 3,
    confidence: 'high',
  },
  {
    id: 'azure-function-key',
    title: 'Azure function key in an address',
    keywords: ['.azurewebsites.net'],
    pattern: '\\.azurewebsites\\.net/api/[^\\s"\'?]{1,80}\\?[^\\s"\']{0,60}code=([A-Za-z0-9_%/+=-]{40,90})',
    edges: 'none',
    confidence: 'high',
  },
  {
    id: 'google-api-key',
    title: 'Google API key',
    keywords: ['aiza'],
    pattern: 'AIza[A-Za-z0-9_-]{35}',
    confidence: 'medium',
    assess: googleKey,
  },
  {
    id: 'google-oauth-secret',
    title: 'Google OAuth client secret',
    keywords: ['gocspx-'],
    pattern: 'GOCSPX-[A-Za-z0-9_-]{28}',
    confidence: 'high',
  },
  {
    id: 'google-oauth-old-secret',
    title: 'Google OAuth client secret of the older form',
    keywords: ['client_secret', 'clientsecret'],
    pattern: '(?i:client_?secret)["\']?\\s{0,3}(?:=>|[=:])\\s{0,3}["\']([A-Za-z0-9_-]{24})["\']',
    generic: true,
    confidence: 'medium',
    edges: 'none',
  },
  {
    id: 'google-access-token',
    title: 'Google OAuth access token',
    keywords: ['ya29.'],
    pattern: 'ya29\\.[A-Za-z0-9_-]{30,}',
    reach: 620,
    confidence: 'high',
  },
  {
    id: 'google-refresh-token',
    title: 'Google OAuth refresh token',
    keywords: ['1//0'],
    pattern: '1//0[A-Za-z0-9_-]{40,120}',
    confidence: 'high',
    accept: (secret) => /[A-Z]/.test(secret) && /[a-z]/.test(secret),
  },
  {
    id: 'google-hmac-key',
    title: 'Google Cloud Storage HMAC access id',
    keywords: ['goog'],
    pattern: 'GOOG1E[A-Z0-9]{55}|GOOG[A-Z0-9]{20}',
    follows: /[A-Z0-9]{20}/y,
    confidence: 'high',
    assess: pairedId,
  },
  {
    id: 'google-service-account',
    title: 'Google service account key',
    keywords: ['private_key_id'],
    pattern: '"private_key_id"\\s*:\\s*"([0-9a-f]{40})"',
    confidence: 'low',
  },
  {
    id: 'google-service-account-file',
    title: 'Google service account key on one line',
    keywords: ['auth_provider_x509_cert_url'],
    pattern: '\\{[^{}]{0,100}auth_provider_x509_cert_url["\\\\]{1,2}\\s*:\\s*"?([A-Za-z0-9]{200,})',
    before: 110,
    reach: 4200,
    edges: 'none',
    confidence: 'medium',
  },
  {
    id: 'alibaba-access-key',
    title: 'Alibaba Cloud access key id',
    keywords: ['ltai'],
    pattern: 'LTAI[A-Za-z0-9]{17,21}',
    confidence: 'high',
    assess: pairedId,
    entropy: 3,
  },
  {
    id: 'tencent-secret-id',
    title: 'Tencent Cloud secret id',
    keywords: ['akid'],
    pattern: 'AKID[A-Za-z0-9]{32}',
    confidence: 'high',
    assess: pairedId,
    entropy: 3.5,
  },
  {
    id: 'digitalocean-token',
    title: 'DigitalOcean token',
    keywords: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    pattern: 'do[opr]_v1_[a-f0-9]{64}',
    confidence: 'high',
  },
  {
    id: 'heroku-token',
    title: 'Heroku token',
    keywords: ['hrku-', 'heroku'],
    pattern:
      'HRKU-[A-Za-z0-9_-]{36,64}|(?i:heroku)[A-Za-z_]{0,20}(?i:key|token|secret)["\']?[\\s=:]{1,5}["\']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
    confidence: 'high',
    edges: 'none',
  },
  {
    id: 'cloudflare-origin-key',
    title: 'Cloudflare origin CA key',
    keywords: ['v1.0-'],
    pattern:
      'v1\\.0-[a-f0-9]{20,30}-?[a-f0-9]{40,150}(?:-[a-f0-9]{100,160})?|v1\\.0-[a-f0-9]{40,180}-[a-f0-9]{100,260}-?[a-f0-9]{0,60}',
    reach: 500,
    confidence: 'high',
  },
  {
    id: 'cloudflare-token',
    title: 'Cloudflare token',
    keywords: ['cfat_', 'cfut_', 'cfk_'],
    pattern: 'cf(?:at|ut|k)_[A-Za-z0-9]{40}[a-f0-9]{8}',
    confidence: 'high',
  },
  {
    id: 'fly-token',
    title: 'Fly.io token',
    keywords: ['fo1_', 'fm1_', 'fm1a_', 'fm1r_', 'fm2_'],
    pattern: 'fo1_[A-Za-z0-9_-]{43}|fm(?:1[ar]?|2)_[A-Za-z0-9+/]{100,}={0,3}',
    reach: 1100,
    confidence: 'high',
  },
  {
    id: 'vercel-token',
    title: 'Vercel token',
    keywords: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_', 'vercel_blob_rw_'],
    pattern: 'vc[aciprk]_[A-Za-z0-9]{24,70}|vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{32}',
    confidence: 'high',
    entropy: 3,
  },
  {
    id: 'netlify-token',
    title: 'Netlify token',
    keywords: ['nfp_', 'nfc_', 'nfo_', 'nfu_'],
    pattern: 'nf[pcou]_[A-Za-z0-9]{36}',
    confidence: 'high',
  },
  {
    id: 'render-key',
    title: 'Render API key',
    keywords: ['rnd_'],
    pattern: 'rnd_[A-Za-z0-9]{28,36}',
    confidence: 'high',
  },
  {
    id: 'supabase-key',
    title: 'Supabase key',
    keywords: ['sbp_', 'sb_secret_'],
    pattern: 'sbp_[a-z0-9]{40}|sb_secret_[A-Za-z0-9_-]{30,50}',
    confidence: 'high',
  },
  {
    id: 'planetscale-token',
    title: 'PlanetScale token or password',
    keywords: ['pscale_'],
    pattern: 'pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}',
    confidence: 'high',
  },
  {
    id: 'mongodb-atlas-secret',
    title: 'MongoDB Atlas service account secret',
    keywords: ['mdb_sa_sk_'],
    pattern: 'mdb_sa_sk_[A-Za-z0-9_-]{40}',
    confidence: 'high',
  },
  {
    id: 'mongodb-atlas-key',
    title: 'MongoDB Atlas private key',
    keywords: ['atlas', 'mongodb'],
    pattern:
      '(?i:atlas|mongodb)[A-Za-z_ -]{0,16}(?i:private|key|token|secret)[A-Za-z_ -]{0,6}["\']?[\\s=:]{1,5}["\']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
    confidence: 'high',
  },
  {
    id: 'databricks-token',
    title: 'Databricks access token',
    keywords: ['dapi', 'dose', 'dkea'],
    pattern: '(?:dapi|dose|dkea)[a-fA-F0-9]{32}(?:-\\d)?',
    confidence: 'high',
    entropy: 2.8,
  },
  {
    id: 'dbt-token',
    title: 'dbt Cloud token',
    keywords: ['dbtc_', 'dbtu_'],
    pattern: 'dbt[cu]_[A-Za-z0-9_-]{36,50}',
    confidence: 'high',
  },
  {
    id: 'scaleway-key',
    title: 'Scaleway access key',
    keywords: ['scw'],
    pattern: 'SCW[A-Z0-9]{17}',
    confidence: 'high',
    assess: pairedId,
    entropy: 3.2,
    accept: (secret) => /\d/.test(secret),
  },
  {
    id: 'yandex-key',
    title: 'Yandex Cloud key or token',
    keywords: ['aqvn', 't1.', 'ycaje', 'ycajq', 'y0_'],
    pattern:
      'AQVN[A-Za-z0-9_-]{35,38}|t1\\.9[A-Za-z0-9_-]{1,}\\.[A-Za-z0-9_-]{86}|YCAJ[EQ][A-Za-z0-9_-]{20}|y0_[A-Za-z0-9_-]{52,60}',
    reach: 560,
    confidence: 'high',
  },
  {
    id: 'linode-token',
    title: 'Linode token',
    keywords: ['linode'],
    pattern: '(?i:linode)[A-Za-z_ ]{0,16}(?i:token|key|pat)["\']?[\\s=:]{1,5}["\']?([a-f0-9]{64})',
    confidence: 'high',
  },
  {
    id: 'upcloud-token',
    title: 'UpCloud token',
    keywords: ['ucat_'],
    pattern: 'ucat_[A-Za-z0-9]{26,40}',
    confidence: 'high',
  },
  {
    id: 'aiven-token',
    title: 'Aiven token',
    keywords: ['aivenv1'],
    pattern: 'aivenv1[A-Za-z0-9+/]{200,}={0,2}',
    reach: 520,
    confidence: 'high',
  },
  {
    id: 'neon-key',
    title: 'Neon API key',
    keywords: ['napi_'],
    pattern: 'napi_[a-z0-9]{60,70}',
    confidence: 'high',
  },
  {
    id: 'xata-key',
    title: 'Xata API key',
    keywords: ['xata_', 'xau_'],
    pattern: 'xau_[A-Za-z0-9]{32,60}|xata_[A-Za-z0-9]{32,60}',
    confidence: 'high',
  },
];
