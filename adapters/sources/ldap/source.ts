/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';
import { ENVIRONMENT_OPTION } from '../stated-environment.ts';

export const source: Source = {
  id: 'ldap',
  description:
    'Users, accounts of programs and privileged groups of a directory, as ldaps://ldap.example.com/dc=example,dc=com.',
  target: 'DIRECTORY',
  options: [
    ENVIRONMENT_OPTION,
    {
      name: 'privileged',
      value: 'FILTER',
      description: 'Groups that hold power, as (cn=*-admins). Active Directory says it itself.',
    },
    {
      name: 'services',
      value: 'FILTER',
      description: 'Accounts that stand for programs, as (ou:dn:=services); by their class where left out.',
    },
  ],
  credentials: [
    { name: 'LDAP_BIND_DN', description: 'The name of an account that may read the directory.' },
    { name: 'LDAP_BIND_PASSWORD', description: 'The password of that account.' },
  ],
  described: async () => (await import('../../imports/directories/ldap/description.ts')).ldapDescription,
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};
