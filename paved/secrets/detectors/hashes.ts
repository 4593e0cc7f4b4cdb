/** Password hashes: not the password, but all that somebody needs to search for it at leisure. */
import type { Detector } from '../detector.ts';

const form = (id: string, title: string, keyword: string, pattern: string, reach = 300): Detector => ({
  id,
  title,
  keywords: [keyword],
  pattern,
  reach,
  confidence: 'medium',
  edges: 'none',
  entropy: 3,
});

export const HASHES: readonly Detector[] = [
  form('hash-apr1', 'Apache MD5 hash', '$apr1$', '\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}'),
  form('hash-md5crypt', 'md5crypt hash', '$1$', '\\$1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}'),
  {
    ...form('hash-bcrypt', 'bcrypt hash', '$2a$', '\\$2[abxy]\\$\\d{2}\\$[./A-Za-z0-9]{53}'),
    keywords: ['$2a$', '$2b$', '$2x$', '$2y$'],
  },
  form(
    'hash-sha256crypt',
    'sha256crypt hash',
    '$5$',
    '\\$5\\$(?:rounds=\\d{1,9}\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]{43}',
  ),
  form(
    'hash-sha512crypt',
    'sha512crypt hash',
    '$6$',
    '\\$6\\$(?:rounds=\\d{1,9}\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]{86}',
  ),
  {
    ...form('hash-cisco', 'Cisco type 8 or 9 hash', '$8$', '\\$[89]\\$[./A-Za-z0-9]{14}\\$[./A-Za-z0-9]{43}'),
    keywords: ['$8$', '$9$'],
  },
  form(
    'hash-yescrypt',
    'yescrypt hash',
    '$y$',
    '\\$y\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{1,86}\\$[./A-Za-z0-9]{43}',
  ),
  {
    ...form(
      'hash-argon2',
      'Argon2 hash',
      '$argon2',
      '\\$argon2(?:id?|d)\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]{8,86}\\$[A-Za-z0-9+/]{20,128}',
    ),
  },
  form(
    'hash-kerberos',
    'Kerberos ticket to crack',
    '$krb5',
    '\\$krb5(?:asrep|tgs|pa)\\$\\d{1,2}\\$[^\\s"\']{20,}',
    4_200,
  ),
  form(
    'hash-django',
    'Django password hash',
    'pbkdf2_sha256$',
    'pbkdf2_sha256\\$\\d{3,8}\\$[A-Za-z0-9]{8,32}\\$[A-Za-z0-9+/]{43}=',
  ),
  form('hash-ldap', 'LDAP salted hash', '{ssha', '\\{SSHA(?:256|512)?\\}[A-Za-z0-9+/]{28,120}={0,2}'),
  form(
    'hash-scram',
    'SCRAM verifier',
    'scram-sha-256$',
    'SCRAM-SHA-256\\$\\d+:[A-Za-z0-9+/=]{16,64}\\$[A-Za-z0-9+/=]{40,50}:[A-Za-z0-9+/=]{40,50}',
  ),
];
