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

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A detail quotes what was asked, which may be as long as anybody likes: nobody reads more than its ends. */
const LONGEST = 600;
const shortened = (detail: string): string =>
  detail.length <= LONGEST ? detail : `${detail.slice(0, LONGEST / 2)} … ${detail.slice(-LONGEST / 2)}`;

export class ScimFault extends Error {
  readonly status: number;
  readonly scimType: ScimType | null;
  constructor(status: number, scimType: ScimType | null, detail: string) {
    super(shortened(detail));
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
