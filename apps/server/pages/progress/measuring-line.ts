/** In one line: when this was measured and why, and when it will be again. It is of the moment, so it stands in no kept page. */
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { MEASURING_REASONS, type MeasuringReason, type MeasuringStatus } from '../../jobs/measuring.ts';

export function measuringLine(status: MeasuringStatus): Markup {
  return html`<p class="quiet measuring">${[now(status), watching(status)].map((part) => part && html`${part} `)}<a href="/api/measuring">as data</a></p>`;
}

function now({ running, progress, last, collected, next }: MeasuringStatus): Child {
  if (running !== null) {
    const counted = progress?.total === undefined ? '' : ` (${progress.done} of ${progress.total})`;
    return html`Measuring now${counted}, since ${moment(running.since.toISOString())}: ${said(running.reasons)}.`;
  }
  const then = next === null ? '' : html` The next is due ${moment(next.at.toISOString())}.`;
  if (last === null) return html`Not measured since this server started.${then}`;
  const at = moment(last.finishedAt.toISOString());
  if (last.outcome === 'failed')
    return html`<strong>The last measurement failed</strong>, ${at}: <bdi>${last.problem}</bdi>. What stands here is older.${then}`;
  if (last.outcome === 'measured') return html`Measured ${at}: ${said(last.reasons)}.${then}`;
  const seen = collected === null ? '' : html` Measured ${moment(collected.finishedAt.toISOString())}.`;
  return html`Judged anew ${at}: ${said(last.reasons)}.${seen}${then}`;
}

function watching({ watch, everySeconds }: MeasuringStatus): Child {
  if (watch === null || watch.of === null)
    return everySeconds === null ? 'Nothing is watched, and there is no schedule.' : null;
  const what = watch.watched === 1 ? watch.of.replace(/ies$/, 'y') : watch.of;
  const often = watch.everySeconds;
  const looks = `checked every ${often % 60 === 0 ? plural(often / 60, 'minute') : plural(often, 'second')}`;
  return html`Watching ${watch.watched} ${what}, ${looks}${watch.problem !== null && html`; <bdi>${watch.problem}</bdi>`}.`;
}

const said = (reasons: readonly MeasuringReason[]): string =>
  reasons.map((reason) => MEASURING_REASONS[reason]).join(', ');
