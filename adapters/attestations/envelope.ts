/** Signed attestations in a file: DSSE envelopes and Sigstore bundles, one document or one a line, and the list that a registry of npm gives. */
import { isRecord } from '../facts/line.ts';

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signatures: readonly Buffer[];
}

export interface Attestation {
  /** Line on which it begins, from 1; of one within a document that of the document. */
  readonly line: number;
  readonly envelope: Envelope;
  /** The whole bundle, for whoever verifies its certificate and log entries; null of an envelope that stands alone. */
  readonly bundle: Readonly<Record<string, unknown>> | null;
}

export interface EnvelopeDiagnostic {
  readonly line: number;
  readonly field: string;
  readonly reason: string;
}

export interface ReadAttestations {
  readonly attestations: readonly Attestation[];
  readonly mistakes: readonly EnvelopeDiagnostic[];
}

/** Never throws: what is no attestation is among the mistakes. */
export function readAttestations(text: string): ReadAttestations {
  const attestations: Attestation[] = [];
  const mistakes: EnvelopeDiagnostic[] = [];
  for (const { line, value } of documentsIn(text, mistakes)) {
    for (const { record, prefix } of listed(value)) {
      const read = attestationOf(record, line);
      if ('reason' in read) mistakes.push({ line, field: prefix + read.field, reason: read.reason });
      else attestations.push(read);
    }
  }
  if (attestations.length === 0 && mistakes.length === 0)
    mistakes.push({ line: 1, field: '', reason: 'it holds no attestation' });
  return { attestations, mistakes };
}

function documentsIn(text: string, mistakes: EnvelopeDiagnostic[]) {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return [{ line: 1, value: JSON.parse(plain) as unknown }];
  } catch {
    // Several documents, one a line; each that is none is said.
  }
  return plain.split('\n').flatMap((one, index) => {
    if (one.trim() === '') return [];
    try {
      return [{ line: index + 1, value: JSON.parse(one) as unknown }];
    } catch (error) {
      mistakes.push({ line: index + 1, field: '', reason: `is not JSON (${(error as Error).message})` });
      return [];
    }
  });
}

function listed(value: unknown): readonly { readonly record: unknown; readonly prefix: string }[] {
  const { attestations } = isRecord(value) ? value : {};
  if (!Array.isArray(attestations)) return [{ record: value, prefix: '' }];
  return attestations.map((one: unknown, index) => {
    const { bundle } = isRecord(one) ? one : {};
    return { record: bundle ?? one, prefix: `attestations.${index}.` };
  });
}

type Wrong = Omit<EnvelopeDiagnostic, 'line'>;

function attestationOf(value: unknown, line: number): Attestation | Wrong {
  if (!isRecord(value)) return { field: '', reason: 'is no attestation: it is not an object' };
  if ('payload' in value) {
    const envelope = envelopeOf(value);
    return 'reason' in envelope ? envelope : { line, envelope, bundle: null };
  }
  if (!('verificationMaterial' in value))
    return {
      field: '',
      reason: 'is no attestation: it has neither `payload` (DSSE) nor `verificationMaterial` (Sigstore)',
    };
  if (!isRecord(value.dsseEnvelope))
    return {
      field: 'dsseEnvelope',
      reason: 'is missing: the bundle signs a file and says nothing about how it was made',
    };
  const envelope = envelopeOf(value.dsseEnvelope);
  if ('reason' in envelope) return { field: `dsseEnvelope.${envelope.field}`, reason: envelope.reason };
  return { line, envelope, bundle: value };
}

function envelopeOf(record: Readonly<Record<string, unknown>>): Envelope | Wrong {
  const { payloadType, signatures } = record;
  const payload = bytesOf(record.payload);
  if (payload === null) return { field: 'payload', reason: 'is not written in base64' };
  if (typeof payloadType !== 'string') return { field: 'payloadType', reason: 'is missing' };
  if (!Array.isArray(signatures) || signatures.length === 0)
    return { field: 'signatures', reason: 'is empty: nobody signed it' };
  const read: Buffer[] = [];
  for (const [index, one] of signatures.entries()) {
    const bytes = bytesOf(isRecord(one) ? one.sig : null);
    if (bytes === null || bytes.length === 0)
      return { field: `signatures.${index}.sig`, reason: 'is no signature in base64' };
    read.push(bytes);
  }
  return { payloadType, payload, signatures: read };
}

/** Standard or URL-safe base64, as DSSE allows; null for anything else, as `Buffer` would pass over it. */
function bytesOf(value: unknown): Buffer | null {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return null;
  return Buffer.from(value, 'base64');
}

/** The bytes that are signed (PAE of DSSE): type and content, each with its length. */
export function signedBytes({ payloadType, payload }: Pick<Envelope, 'payload' | 'payloadType'>): Buffer {
  const type = Buffer.from(payloadType);
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
