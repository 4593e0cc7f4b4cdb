/** What was observed, by whom and when, in a line. */
import { shortMoment } from '../dates.ts';
import { type Child, html, type Markup } from '../markup.ts';

export interface EvidenceShown {
  readonly source: string;
  /** A commit, a log, a setting. */
  readonly what?: Child;
  readonly observedAt: string;
  readonly learnedAt: string | null;
}

export const evidenceLine = ({ source, what, observedAt, learnedAt }: EvidenceShown): Markup =>
  html`<div class="evidence"><b>${source}</b>${what && html`<span>${what}</span>`}<span>true ${shortMoment(observedAt, learnedAt === null)}${learnedAt !== null && html`, learned ${shortMoment(learnedAt)}`}</span></div>`;
