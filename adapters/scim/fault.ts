/** What goes wrong, as RFC 7644 §3.12 says it. */
export const SCIM_TYPES = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
] as const;
export type ScimType = (typeof SCIM_TYPES)[number];

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

export class ScimFault extends Error {
  readonly status: number;
  readonly scimType: ScimType | null;
  constructor(status: number, scimType: ScimType | null, detail: string) {
    super(detail);
    this.name = 'ScimFault';
    this.status = status;
    this.scimType = scimType;
  }
}

/** 400 of a sort. */
export const wrong = (scimType: ScimType, detail: string) => new ScimFault(400, scimType, detail);

export const faultBody = (status: number, detail: string, scimType: ScimType | null = null) => ({
  schemas: [ERROR_SCHEMA],
  status: String(status),
  ...(scimType !== null && { scimType }),
  detail,
});
