/** Exceptions, and standards in force: part of the port. Who asks and who approves are two people. */
import type { PageOf } from './port.ts';

export interface Permissions {
  request(
    exception: Pick<ExceptionRecord, 'id' | 'standard' | 'division' | 'selectors' | 'reason' | 'until'> & {
      readonly compensating?: string;
      readonly renews?: string | undefined;
    },
  ): Promise<ExceptionRecord>;
  /** Freezes what the selectors meant, each asset with the value that is accepted of it (null: any). */
  approve(
    id: string,
    assets: readonly Pick<ExceptedAssetRecord, 'asset' | 'accepted'>[],
    proof?: string,
  ): Promise<ExceptionRecord>;
  refuse(id: string): Promise<ExceptionRecord>;
  end(id: string, reason: string): Promise<ExceptionRecord>;
  exception(id: string): Promise<ExceptionRecord | null>;
  exceptedAssets(id: string, page?: PageOf<string>): Promise<readonly ExceptedAssetRecord[]>;
  /** In order of id. */
  exceptions(filter?: ExceptionFilter): Promise<readonly ExceptionRecord[]>;
  /** Those that were approved, with what they accepted of which asset; whole, in order of id. */
  granted(filter?: GrantFilter): Promise<readonly GrantRecord[]>;

  proposeStandard(
    version: Pick<StandardRecord, 'standard' | 'digest' | 'definition' | 'rollout' | 'fromAt'>,
  ): Promise<StandardRecord>;
  approveStandard(number: number): Promise<StandardRecord>;
  /** Of each standard the approved version that is the newest in force at a time. */
  standardsInForce(at: string): Promise<readonly StandardRecord[]>;
}

export interface ExceptionFilter extends PageOf<string> {
  readonly standard?: string | undefined;
  /** Approved, not ended and not over on this day. */
  readonly inForceOn?: string | undefined;
  /** Not answered yet. */
  readonly waiting?: boolean | undefined;
}

export interface GrantFilter {
  readonly standard?: string;
  /** Of these alone. */
  readonly ids?: readonly string[];
  /** Leaves out what was over, or ended, before this time. */
  readonly after?: string;
  /** Of those alone that accept something of one of these. */
  readonly assets?: readonly string[];
}

export interface GrantRecord {
  readonly exception: ExceptionRecord;
  readonly assets: readonly Pick<ExceptedAssetRecord, 'asset' | 'accepted'>[];
}

export interface ExceptionRecord {
  readonly id: string;
  readonly standard: string;
  readonly division: string;
  readonly selectors: readonly string[];
  readonly reason: string;
  readonly compensating: string | null;
  /** Last day on which it holds, UTC. */
  readonly until: string;
  readonly renews: string | null;
  readonly requestedAt: string;
  readonly requestedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly proof: string | null;
  readonly refusedAt: string | null;
  readonly refusedBy: string | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
}

export interface ExceptedAssetRecord {
  readonly exception: string;
  readonly asset: string;
  readonly division: string;
  readonly accepted: string | null;
}

export interface StandardRecord {
  readonly number: number;
  readonly standard: string;
  /** SHA-256 of its definition. */
  readonly digest: string;
  readonly definition: string;
  readonly rollout: unknown;
  readonly fromAt: string;
  readonly proposedAt: string;
  readonly proposedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
}
