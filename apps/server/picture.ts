/** What was measured, and what stands around it: the part of the server that needs no store. */
import type { Around } from '@macadam/adapters/report-formats/html/page';
import type { Format, Report } from '@macadam/adapters/report-formats/port';
import type { Measuring } from './pages/progress/progress-page.ts';

export interface ShownPicture {
  /**
   * The report, how far the measuring is, or that there is history alone. Asked at every request; a report, once there,
   * stays the same.
   */
  readonly state: () => Report | Measuring | 'history';
  /** What stands around the report; asked once, when the report is there. */
  readonly around: () => Around;
  readonly formats: readonly Format[];
}
