/** The resources that a directory may push, attribute by attribute: RFC 7643. Everything else here reads these tables. */

export interface ScimAttribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable';
  readonly returned: 'always' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly ScimAttribute[];
}

const one = (name: string, description: string, more: Partial<ScimAttribute> = {}): ScimAttribute => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
});
const complex = (
  name: string,
  description: string,
  subAttributes: readonly ScimAttribute[],
  more: Partial<ScimAttribute> = {},
): ScimAttribute => one(name, description, { type: 'complex', subAttributes, ...more });
const reference = (description: string, ...referenceTypes: readonly string[]) =>
  one('$ref', description, { type: 'reference', referenceTypes, caseExact: true });
const primary = one('primary', 'Whether it is the one to use; true of one at most.', { type: 'boolean' });
const plural = (name: string, what: string, ...types: readonly string[]) =>
  complex(
    name,
    `${what}, each with its use.`,
    [
      one('value', `${what}: the value.`),
      one('display', 'The value for people to read.'),
      one('type', 'What it is used for.', { canonicalValues: types }),
      primary,
    ],
    { multiValued: true },
  );

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Of every resource: RFC 7643 §3.1. */
export const COMMON: readonly ScimAttribute[] = [
  one('id', 'Given by the server and never given again.', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  one('externalId', 'What the directory calls it.', { caseExact: true }),
  complex(
    'meta',
    'About the resource itself.',
    [
      one('resourceType', 'Its type.', { caseExact: true, mutability: 'readOnly' }),
      one('created', 'When it was made.', { type: 'dateTime', mutability: 'readOnly' }),
      one('lastModified', 'When it was changed last.', { type: 'dateTime', mutability: 'readOnly' }),
      one('location', 'Where it is.', {
        type: 'reference',
        referenceTypes: ['uri'],
        caseExact: true,
        mutability: 'readOnly',
      }),
      one('version', 'Its ETag.', { caseExact: true, mutability: 'readOnly' }),
    ],
    { mutability: 'readOnly' },
  ),
];

const USER_ATTRIBUTES: readonly ScimAttribute[] = [
  one('userName', 'What the person logs in as; unique whatever the case.', {
    required: true,
    uniqueness: 'server',
  }),
  complex('name', 'The parts of the person’s name.', [
    one('formatted', 'The name as it is written.'),
    one('familyName', 'The family name.'),
    one('givenName', 'The given name.'),
    one('middleName', 'Names in between.'),
    one('honorificPrefix', 'What stands before it.'),
    one('honorificSuffix', 'What stands behind it.'),
  ]),
  one('displayName', 'The name to show.'),
  one('nickName', 'What the person is called.'),
  one('title', 'The person’s title in the company.'),
  one('userType', 'How the person relates to the company.'),
  one('preferredLanguage', 'As in Accept-Language.'),
  one('locale', 'For dates and figures.'),
  one('timezone', 'By its name in the IANA database.'),
  one('active', 'False ends sessions, tokens and roles at once.', { type: 'boolean' }),
  plural('emails', 'E-mail addresses', 'work', 'home', 'other'),
  plural('phoneNumbers', 'Telephone numbers', 'work', 'home', 'mobile', 'fax', 'pager', 'other'),
  complex(
    'addresses',
    'Postal addresses.',
    [
      one('formatted', 'The address as it is written.'),
      one('streetAddress', 'Street and number.'),
      one('locality', 'The town.'),
      one('region', 'The region.'),
      one('postalCode', 'The postal code.'),
      one('country', 'ISO 3166-1 alpha-2.'),
      one('type', 'What it is used for.', { canonicalValues: ['work', 'home', 'other'] }),
      primary,
    ],
    { multiValued: true },
  ),
  complex(
    'groups',
    'Groups that the person is in directly; changed by the groups.',
    [
      one('value', 'The group’s id.', { mutability: 'readOnly', caseExact: true }),
      { ...reference('Where the group is.', 'Group'), mutability: 'readOnly' },
      one('display', 'The group’s name.', { mutability: 'readOnly' }),
      one('type', 'How the person is in it.', {
        mutability: 'readOnly',
        canonicalValues: ['direct', 'indirect'],
      }),
    ],
    { multiValued: true, mutability: 'readOnly' },
  ),
];

const ENTERPRISE_ATTRIBUTES: readonly ScimAttribute[] = [
  one('employeeNumber', 'The company’s number of the person.'),
  one('costCenter', 'The cost centre.'),
  one('organization', 'The organisation.'),
  one('division', 'The division.'),
  one('department', 'The department.'),
  complex('manager', 'Whom the person reports to.', [
    one('value', 'The manager’s id.', { caseExact: true }),
    reference('Where the manager is.', 'User'),
    one('displayName', 'The manager’s name.', { mutability: 'readOnly' }),
  ]),
];

const GROUP_ATTRIBUTES: readonly ScimAttribute[] = [
  one('displayName', 'The group’s name; a group of a unit’s name is that unit’s people.', { required: true }),
  complex(
    'members',
    'Who is in it.',
    [
      one('value', 'The member’s id.', { mutability: 'immutable', caseExact: true }),
      { ...reference('Where the member is.', 'User', 'Group'), mutability: 'immutable' },
      one('type', 'What it is.', { mutability: 'immutable', canonicalValues: ['User', 'Group'] }),
      one('display', 'The member’s name.', { mutability: 'readOnly' }),
    ],
    { multiValued: true },
  ),
];

export type ScimResourceName = 'User' | 'Group';

export interface ScimResourceType {
  readonly name: ScimResourceName;
  readonly endpoint: 'Users' | 'Groups';
  readonly description: string;
  readonly schema: string;
  readonly attributes: readonly ScimAttribute[];
  readonly extension: { readonly schema: string; readonly attributes: readonly ScimAttribute[] } | null;
}

export const RESOURCE_TYPES: Readonly<Record<ScimResourceName, ScimResourceType>> = {
  User: {
    name: 'User',
    endpoint: 'Users',
    description: 'A person',
    schema: USER,
    attributes: USER_ATTRIBUTES,
    extension: { schema: ENTERPRISE, attributes: ENTERPRISE_ATTRIBUTES },
  },
  Group: {
    name: 'Group',
    endpoint: 'Groups',
    description: 'A group of people',
    schema: GROUP,
    attributes: GROUP_ATTRIBUTES,
    extension: null,
  },
};

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

/** As `/Schemas` gives them; `base` is the address of the endpoints. */
export const schemaResources = (base: string) =>
  [
    { id: USER, name: 'User', description: 'A person', attributes: USER_ATTRIBUTES },
    { id: GROUP, name: 'Group', description: 'A group of people', attributes: GROUP_ATTRIBUTES },
    {
      id: ENTERPRISE,
      name: 'EnterpriseUser',
      description: 'A person in a company',
      attributes: ENTERPRISE_ATTRIBUTES,
    },
  ].map((schema) => ({
    schemas: [SCHEMA],
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }));

export const resourceTypeResources = (base: string) =>
  Object.values(RESOURCE_TYPES).map(({ name, endpoint, description, schema, extension }) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    description,
    schema,
    endpoint: `/${endpoint}`,
    schemaExtensions: extension ? [{ schema: extension.schema, required: false }] : [],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));

/** Results of a query that are given at once. */
export const MAX_RESULTS = 500;

export const serviceProviderConfig = (base: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_RESULTS },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      primary: true,
      description: 'An API token with the scope Organisation::import, of an administrator of the company',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

export const attributeIn = (
  attributes: readonly ScimAttribute[] | undefined,
  name: string,
): ScimAttribute | undefined => {
  const wanted = name.toLowerCase();
  return attributes?.find((attribute) => attribute.name.toLowerCase() === wanted);
};
