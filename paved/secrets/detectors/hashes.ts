/** Password hashes: not the password, but all that somebody needs to search for it at leisure. */
import type { Detector } from '../detector.ts';

interface FormInput {
  readonly id: string;
  readonly title: string;
  readonly keyword: string;
  readonly pattern: string;
  readonly reach?: number;
}

const form = ({ id, title, keyword, pattern, reach = 300 }: FormInput): Detector => ({
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
  form({
    id: 'hash-apr1',
    title: 'Apache MD5 hash',
    keyword: '$apr1$',
    pattern: '\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}',
  }),
  form({
    id: 'hash-md5crypt',
    title: 'md5crypt hash',
    keyword: '$1$',
    pattern: '\\$1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}',
  }),
  {
    ...form({
      id: 'hash-bcrypt',
      title: 'bcrypt hash',
      keyword: '$2a$',
      pattern: '\\$2[abxy]\\$\\d{2}\\$[./A-Za-z0-9]{53}',
    }),
    keywords: ['$2a$', '$2b$', '$2x$', '$2y$'],
  },
  form({
    id: 'hash-sha256crypt',
    title: 'sha256crypt hash',
    keyword: '$5$',
    pattern: '\\$5\\$(?:rounds=\\d{1,9}\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]{43}',
  }),
  form({
    id: 'hash-sha512crypt',
    title: 'sha512crypt hash',
    keyword: '$6$',
    pattern: '\\$6\\$(?:rounds=\\d{1,9}\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]{86}',
  }),
  {
    ...form({
      id: 'hash-cisco',
      title: 'Cisco type 8 or 9 hash',
      keyword: '$8$',
      pattern: '\\$[89]\\$[./A-Za-z0-9]{14}\\$[./A-Za-z0-9]{43}',
    }),
    keywords: ['$8$', '$9$'],
  },
  form({
    id: 'hash-yescrypt',
    title: 'yescrypt hash',
    keyword: '$y$',
    pattern: '\\$y\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{1,86}\\$[./A-Za-z0-9]{43}',
  }),
  {
    ...form({
      id: 'hash-argon2',
      title: 'Argon2 hash',
      keyword: '$argon2',
      pattern:
        '\\$argon2(?:id?|d)\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]{8,86}\\$[A-Za-z0-9+/]{20,128}',
    }),
  },
  form({
    id: 'hash-kerberos',
    title: 'Kerberos ticket to crack',
    keyword: '$krb5',
    pattern: '\\$krb5(?:asrep|tgs|pa)\\$\\d{1,2}\\$[^\\s"\']{20,}',
    reach: 4_200,
  }),
  form({
    id: 'hash-django',
    title: 'Django password hash',
    keyword: 'pbkdf2_sha256$',
    pattern: 'pbkdf2_sha256\\$\\d{3,8}\\$[A-Za-z0-9]{8,32}\\$[A-Za-z0-9+/]{43}=',
  }),
  form({
    id: 'hash-ldap',
    title: 'LDAP salted hash',
    keyword: '{ssha',
    pattern: '\\{SSHA(?:256|512)?\\}[A-Za-z0-9+/]{28,120}={0,2}',
  }),
  form({
    id: 'hash-scram',
    title: 'SCRAM verifier',
    keyword: 'scram-sha-256$',
    pattern: 'SCRAM-SHA-256\\$\\d+:[A-Za-z0-9+/=]{16,64}\\$[A-Za-z0-9+/=]{40,50}:[A-Za-z0-9+/=]{40,50}',
  }),
];
